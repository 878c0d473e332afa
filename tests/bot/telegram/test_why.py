"""/why says how an answer was come by, of this chat's answers alone, and in one message."""

from collections.abc import Callable
from dataclasses import replace

from botapi.acting import reply
from botapi.entities import links_in
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from hypothesis import given, settings
from hypothesis import strategies as st
from sendable import check_message

from bot.exchanges import Details, Exchange, Thread
from bot.telegram import texts
from bot.telegram.explaining import MOST_DROPPED, show_why
from bot.telegram.richtext import entities
from retrieval import Dropped, Shortfall, Usage

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
OTTERS = "How many otters did the census find?"
TRAM = "When did the tram line reopen?"
FOLLOW_UP = "And who counted them?"
MODEL = "openai:gpt-5-mini"
WORDS = st.sampled_from(["otters", "evil.com", "😀" * 400, "evil.com x " * 200, "", "@evil_bot\n\n", "\u202e"]) | st.text(
    max_size=30
)
DETAILS = Details(
    written=True,
    usage=Usage(1200, 85),
    carried=("otters", "census"),
    dropped=(Dropped("They like jazz.", "its quote does not stand in the passage"),),
)
EXCHANGE = Exchange(1, Thread(7, 0, 7), None, (), "And?", "27.", False, (), "And the otters?", 0.834, MODEL, DETAILS)  # noqa: FBT003
Start = Callable[..., Running]


def test_as_it_looks() -> None:
    """What was searched for and carried over, how sure it is, whose words these are, what that has used, what was left out."""
    assert show_why(EXCHANGE).text == (
        "Searched for: And the otters?\n"
        "Taken from the conversation: otters, census\n"
        "How sure: 83 %\n"
        "In the words of openai:gpt-5-mini, checked against the quotes.\n"
        "Chat model: openai:gpt-5-mini\n"
        "Tokens: 1200 read, 85 written\n\n"
        "Not borne out by the articles:\n"
        "– They like jazz. (its quote does not stand in the passage)"
    )


def test_without_a_model() -> None:
    """The articles' own sentences are called so, and a refusal is; so is what version 0.2.0 has answered."""
    old = replace(EXCHANGE, model=None, details=Details())

    assert show_why(old).text.splitlines()[2:] == ["The sentences are the articles’ own.", "Chat model: none"]
    assert texts.WHY_REFUSED in show_why(replace(old, abstained=True)).text


@settings(max_examples=60)
@given(WORDS, st.lists(WORDS, max_size=3), st.lists(st.tuples(WORDS, WORDS), max_size=12), st.sampled_from([None, *Shortfall]))
def test_one_message(searched: str, carried: list[str], dropped: list[tuple[str, str]], shortfall: Shortfall | None) -> None:
    """However much there is to say, it is one message, without links, and tells how much of it is left out."""
    details = Details(False, shortfall, Usage(10**9, 10**9), tuple(carried), tuple(Dropped(*each) for each in dropped))  # noqa: FBT003
    rich = show_why(replace(EXCHANGE, standalone=searched, model=searched, details=details))

    check_message(rich)
    assert [] == links_in(rich.text, entities(rich))
    left = len(dropped) - MOST_DROPPED
    assert rich.text.endswith(texts.WHY_MORE.format(count=left)) == (left > 0)


def test_the_last_answer_or_the_one_replied_to(api: BotApi, start: Start) -> None:
    """Without a reply it is the last one of the conversation; it survives a restart, and nothing is asked by it."""
    chat = api.private(ADA)
    with start():
        assert texts.NOTHING_TO_EXPLAIN == reply(api, chat, ADA, "/why").text
        first = reply(api, chat, ADA, OTTERS)
        reply(api, chat, ADA, FOLLOW_UP)
    with start():
        last = reply(api, chat, ADA, "/why").text
        assert last.startswith(f"Searched for: {FOLLOW_UP} (")
        assert "\nTaken from the conversation: " in last
        assert reply(api, chat, ADA, "/why", reply_to=first).text.startswith(f"Searched for: {OTTERS}\nHow sure: ")
        assert "follow-up" in reply(api, chat, ADA, "And where do they live?").text, "the conversation goes on as if not asked"
        reply(api, chat, ADA, "/new")
        assert texts.NOTHING_TO_EXPLAIN == reply(api, chat, ADA, "/why").text


def test_in_a_group(api: BotApi, start: Start) -> None:
    """In a group each has their own last answer, anyone may ask about one that is there, and none of another chat is told of."""
    group, private = api.group(-500), api.private(BOB)
    with start():
        reply(api, private, BOB, TRAM)
        answer = reply(api, group, ADA, f"@footnote_bot {OTTERS}")
        assert texts.NOTHING_TO_EXPLAIN == reply(api, group, BOB, "/why@footnote_bot").text
        assert OTTERS in reply(api, group, ADA, "/why").text
        assert OTTERS in reply(api, group, BOB, "/why", reply_to=answer).text
        assert TRAM in reply(api, private, BOB, "/why").text
