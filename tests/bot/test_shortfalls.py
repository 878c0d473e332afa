"""What is said about a chat model under an answer."""

import re
from pathlib import Path

import pytest

from bot.shortfalls import REASONS, reason_of, told_of
from retrieval import Answer, AnswerSentence
from retrieval.passages import Shortfall

EXAMPLE = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
PROVIDERS = ["openai", "anthropic", "google", "google_genai", "ollama", "another"]
SENTENCES = (AnswerSentence("So it is.", (1,)),)


def answer(
    *sentences: AnswerSentence,
    model: str | None = "openai:test",
    written: bool = False,
    shortfall: Shortfall | None = None,
    refused: bool = False,
) -> Answer:
    """An answer for which a model was asked."""
    return Answer("q", "q", (), sentences, (), 0.9, 0.1, model=model, written=written, refused=refused, shortfall=shortfall)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("shortfall", Shortfall)
def test_every_shortfall(shortfall: Shortfall, provider: str) -> None:
    """Each is one sentence that names the model and at least one setting, which is in .env.example."""
    sentence = reason_of(shortfall, f"{provider}:test-1")

    names = re.findall(r"[A-Z]{3,}(?:_[A-Z]+)+", sentence)
    assert sentence.count(f"{provider}:test-1") == 1
    assert re.fullmatch(r"[^.\n{}]+\.", sentence)
    assert sentence[0].isupper() or sentence.startswith(provider)
    assert names
    assert all(f"\n# {name}=" in EXAMPLE for name in names)


def test_table_is_complete() -> None:
    """No shortfall is without a reason, and no two have the same."""
    assert list(Shortfall) == list(REASONS)
    assert len({reason.clause for reason in REASONS.values()}) == len(Shortfall)


@pytest.mark.parametrize(
    ("provider", "key", "address"),
    [
        ("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        ("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
        ("google", "GOOGLE_API_KEY", "FOOTNOTE_CHAT_MODEL"),
        ("ollama", "OLLAMA_HOST", "OLLAMA_HOST"),
        ("another", "FOOTNOTE_CHAT_MODEL", "FOOTNOTE_CHAT_MODEL"),
    ],
)
def test_settings_of_the_provider(provider: str, key: str, address: str) -> None:
    """Keys and addresses are called what their provider calls them."""
    assert key in reason_of(Shortfall.UNAUTHORISED, f"{provider}:test")
    assert address in reason_of(Shortfall.UNREACHABLE, f"{provider}:test")


@pytest.mark.parametrize("shortfall", Shortfall)
def test_who_wrote_it(shortfall: Shortfall) -> None:
    """The line says whose words are shown: the model's, whole or not, or the articles'; or that there are none."""
    reason = reason_of(shortfall, "openai:test").partition(";")[0]
    words = "In the words of openai:test, checked against the quotes."

    assert told_of(answer(*SENTENCES, model=None)) == ""
    assert words == told_of(answer(*SENTENCES, written=True))
    assert told_of(answer(*SENTENCES, written=True, shortfall=shortfall)).startswith(
        f"{words} It breaks off here: {reason}; see "
    )
    fallen_back = f"{reason}, so these are the articles' own sentences; see "
    assert told_of(answer(*SENTENCES, shortfall=shortfall)).startswith(fallen_back)
    nothing = f"{reason}, and the articles' own sentences do not answer it; see "
    assert told_of(answer(shortfall=shortfall)).startswith(nothing)
    assert "openai:test says that the passages do not answer it." == told_of(answer(refused=True))
    assert told_of(answer()) == "", "the model was asked for no more than to rewrite the question"
