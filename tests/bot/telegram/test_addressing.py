"""Which messages of a group are for the bot, and what they ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.addressing import Entity, addressed
from bot.telegram.richtext import units

NAME = "FootnoteBot"
WORDS = st.text(alphabet="abc 😀é中\n,.", max_size=30)


def ask(text: str, entities: list[Entity], *, reply: bool = False) -> str | None:
    """Whether a text is for the bot with the id 7."""
    return addressed(text, entities, username=NAME, bot_id=7, reply_to_bot=reply)


def entity(kind: str, before: str, name: str, user: int | None = None) -> Entity:
    """An entity over a name that stands behind a text."""
    return (kind, units(before), units(name), user)


@given(WORDS, WORDS, st.lists(st.booleans(), min_size=len(NAME), max_size=len(NAME)))
def test_a_name_is_heard_anywhere(before: str, after: str, upper: list[bool]) -> None:
    """The bot is called at any place and in any case, and of the question only its name and white space are taken out."""
    name = "@" + "".join(letter.upper() if big else letter.lower() for letter, big in zip(NAME, upper, strict=True))

    question = ask(f"{before}{name}{after}", [entity("mention", before, name)])

    assert question is not None
    kept = "".join(question.split())
    whole = "".join(before.split()) + "".join(after.split())
    assert kept == whole or (not before.strip() and whole == f",{kept}")


@given(WORDS, WORDS)
def test_a_name_without_at_is_heard(before: str, after: str) -> None:
    """A mention by id counts for this bot and not for another."""
    text = f"{before}Footnote{after}"

    assert ask(text, [entity("text_mention", before, "Footnote", 7)]) is not None
    assert ask(text, [entity("text_mention", before, "Footnote", 8)]) is None


@given(WORDS, st.sampled_from(["code", "pre", "url", "text_link", "email"]))
def test_a_name_that_is_only_shown_is_not_heard(before: str, kind: str) -> None:
    """The name inside of code or an address calls nobody."""
    name = f"@{NAME}"

    assert ask(before + name, [entity(kind, before, name)]) is None
    assert ask(before + name, [entity(kind, before, name), entity("mention", before, name)]) is None


@given(WORDS, st.lists(st.tuples(st.sampled_from(["mention", "text_mention", "code"]), *[st.integers(-3, 40)] * 2, st.just(8))))
def test_wrong_places_do_no_harm(text: str, entities: list[Entity]) -> None:
    """Entities that lie beside the text or within a character call nobody."""
    assert ask(text, entities) is None
    assert text == ask(text, entities, reply=True)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@FootnoteBot How many?", "How many?"),
        ("@FootnoteBot, how many?", "how many?"),
        ("How many otters, @FootnoteBot?", "How many otters,?"),
        ("How many @FootnoteBot?", "How many?"),
        ("How many @FootnoteBot were found?", "How many were found?"),
        ("One line\n@FootnoteBot other line", "One line\nother line"),
        ("How  many? @FootnoteBot", "How  many?"),
        ("@FootnoteBot", ""),
        (" @FootnoteBot \n", ""),
        ("@FootnoteBot @FootnoteBot how?", "how?"),
    ],
)
def test_the_name_is_cut_out(text: str, question: str) -> None:
    """What is left reads as if the name had not been there."""
    starts = [at for at in range(len(text)) if text.startswith("@FootnoteBot", at)]

    assert question == ask(text, [("mention", at, len("@FootnoteBot"), None) for at in starts])


def test_others_are_not_heard() -> None:
    """A longer name is another's, a text without a name is nobody's, and a reply to the bot is the bot's."""
    assert ask("@FootnoteBotOther hi", [("mention", 0, 17, None)]) is None
    assert ask("@FootnoteBot hi", []) is None
    assert "hi" == ask("hi", [], reply=True)
