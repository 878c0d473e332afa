"""Nothing that a stranger has written becomes a link, and it is shown letter for letter."""

import ast
from pathlib import Path

import pytest
from botapi.entities import links_in
from hypothesis import given, settings
from hypothesis import strategies as st
from sendable import check_message, check_shown

import bot.telegram
from bot.telegram.listing import PAGE, show_search, show_sources
from bot.telegram.render import show_answer, show_preview
from bot.telegram.reporting import show_progress, show_report
from bot.telegram.richtext import RichText, entities
from bot.telegram.shown import strange
from bot.telegram.splitting import split
from bot.telegram.surroundings import show_surroundings
from bot.telegram.unlinking import leads_somewhere, unlinked
from ingest.console import printable
from ingest.documents import Failure
from ingest.sync import Progress, Report
from retrieval import Answer, AnswerSentence, ArticleRecord, Citation, Dropped, Passage, Shortfall, Span

BAIT = [
    "https://evil.example/x?y=1",
    "HTTP://EVIL.EXAMPLE",
    "tg://resolve?domain=evil",
    "www.evil.com",
    "evil.com",
    "Evil.Com/path",
    "мвд.рф",
    "evil.xn--p1ai",
    "t.me/evil",
    "10.0.0.1",
    "@evil_bot",
    "(@evil_bot)",
    "/forget",
    "²/forget",
    "e\u0301/forget",
    "/cancel@evil_bot",
    "#tag",
    "#1und1",
    "$EVIL",
    "me@evil.com",
    "a.b+c@evil.co.uk",
    "+49 30 1234567",
    "+1(555)1234567",
]
PLAIN = [
    "and/or",
    "e.g.",
    "3.5",
    "km/h",
    "Otters",
    "…so",
    "27,",
    "C#",
    "$5",
    "+15 %",
    "end.",
    "Wait...what",
    "1/2",
    "p.m.",
    "中文。句子",
]
GLUE = st.sampled_from(
    [" ", "  ", "\n", "", "“", "”", "(", ")", ".", ",", "\u200b", "\u2060", "[1](", "😀", "\u202e", "/", "@", "#", "-"]
)
WORDS = st.sampled_from([*BAIT, *PLAIN]) | st.text(alphabet="ab.c/@#$:+1 ²é中_-", max_size=8)
TEXTS = st.lists(st.tuples(WORDS, GLUE), max_size=12).map(lambda each: "".join(part for pair in each for part in pair))
LINKS = st.sampled_from(["", "https://a.org/1"])


def check(rich: RichText) -> None:
    """Fail if a client finds a link in any of the messages that show this."""
    for part in split(rich):
        assert [] == links_in(part.text, entities(part))


@given(TEXTS)
def test_nothing_in_strange_words_leads_anywhere(text: str) -> None:
    """Whatever Telegram would make a link of lies in code, the text is the same, and what is code leads somewhere."""
    rich = unlinked(text)

    assert text == rich.text
    assert [] == links_in(rich.text, entities(rich))
    assert all(leads_somewhere(rich.text[mark.start : mark.end]) for mark in rich.marks)
    assert strange(text).text == printable(text)


@pytest.mark.parametrize("word", BAIT)
def test_bait_is_taken_for_a_link(word: str) -> None:
    """Each of the words that tests hide would be a link, and stands in code as a whole."""
    assert links_in(f"See {word} now", [])
    assert [f"{word}"] == [rich.text[mark.start : mark.end] for rich in [unlinked(f"See {word} now")] for mark in rich.marks]


@pytest.mark.parametrize("word", PLAIN)
def test_plain_words_stay_plain(word: str) -> None:
    """What is no address is shown as everything else is."""
    assert () == unlinked(f"See {word} now").marks


@given(st.integers(1, 200), st.integers(1, 10))
def test_marks_are_bounded(count: int, most: int) -> None:
    """However many addresses a text has, there are not too many marks, and none of the addresses is left out."""
    rich = unlinked(" and ".join(["evil.com"] * count), most=most)

    assert len(rich.marks) <= most
    assert [] == links_in(rich.text, entities(rich))


@st.composite
def citations(draw: st.DrawFn) -> list[Citation]:
    """Citations whose every word is a stranger's."""
    return [
        Citation(number, f"/a/{draw(TEXTS)}", draw(TEXTS), draw(TEXTS), 0, 1, draw(TEXTS), draw(TEXTS), draw(LINKS))
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]


@settings(max_examples=80)
@given(citations(), st.lists(TEXTS, max_size=2), st.booleans(), st.sampled_from([None, *Shortfall]), st.data())
def test_answers_lead_nowhere_but_to_their_articles(
    cited: list[Citation],
    carried: list[str],
    supported: bool,  # noqa: FBT001 - drawn
    shortfall: Shortfall | None,
    data: st.DataObject,
) -> None:
    """In answers, refusals, previews and searches there is no link but from a title to its article."""
    sentences = tuple(AnswerSentence(data.draw(TEXTS), (each.number,) * supported, supported) for each in cited)
    passages = tuple(Passage("c", c.source, c.title, c.quote, 0, 1, 1.0, c.site, c.date, c.link) for c in cited)
    more = {
        "model": data.draw(TEXTS),
        "shortfall": shortfall,
        "carried": tuple(carried),
        "dropped": (Dropped(data.draw(TEXTS), "no"),),
    }
    answer = Answer("q", "q", passages, sentences, tuple(cited), 0.5, 0.1, written=data.draw(st.booleans()), **more)  # type: ignore[arg-type]

    shown = [show_answer(answer, "k"), show_answer(Answer("q", "q", passages, (), (), 0.1, 0.1, **more), "k")]  # type: ignore[arg-type]
    for each in [*shown, show_search(passages)]:
        check_shown(each)
        check(each.text)
    check(show_preview(sentences))
    links = {entity["url"] for each in shown for entity in entities(each.text) if "url" in entity}
    assert links <= {each.link for each in cited}


@settings(max_examples=60)
@given(TEXTS, st.lists(st.tuples(*[st.integers(0, 60)] * 2), max_size=3), LINKS)
def test_surroundings_lead_nowhere(text: str, places: list[tuple[int, int]], link: str) -> None:
    """The text around a quote has no links, however its bold parts lie."""
    spans = [Span(min(place), max(place)) for place in places]

    shown = show_surroundings(Citation(1, "/a", text, text, 0, 1, site=text, link=link), text, spans)

    check_shown(shown)
    check(shown.text)


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXTS, TEXTS, LINKS), min_size=1, max_size=PAGE), TEXTS)
def test_lists_lead_nowhere_but_to_their_articles(articles: list[tuple[str, str, str]], words: str) -> None:
    """A page of articles is one message, whatever the articles are called."""
    records = [
        ArticleRecord(f"/a/{number}.md", title, "", site, "2022", "en", link, "", 1, 1)
        for number, (title, site, link) in enumerate(articles)
    ]

    shown = show_sources(records, page=0, total=len(records), words=words, key="k")

    check_message(shown.text)
    check(shown.text)
    check(show_sources([], page=0, total=0, words=words, key="k").text)


def test_a_page_of_nothing_but_addresses_is_one_message() -> None:
    """Titles, sites and dates full of addresses make no second message, for a page that is turned has one to change."""
    full = "evil.com x " * 30
    records = [ArticleRecord(f"/a/{n}.md", full, "", full, full, "en", "", "", 1, 1) for n in range(PAGE)]

    check_message(show_sources(records, page=0, total=PAGE, words=full, key="k").text)


@given(TEXTS, TEXTS)
def test_reports_lead_nowhere(source: str, reason: str) -> None:
    """What an ingest says of files and pages has no links."""
    failed = (Failure(source, reason), Failure(f"https://a.org/{source}", reason))

    check(show_report(Report((), (), (), (), failed, (), chunks=0, embedded=0, seconds=1.0, interrupted=True)))
    check(show_progress(Progress(1, 2, source, 3, 0)))


def test_strange_words_have_one_door() -> None:
    """What a text is filled in with that is a stranger's is filled in as marked text, but on buttons, which have no links."""
    strange_names = {"words", "name", "title", "quote", "terms", "reason", "sentence", "searched", "model", "chat_model"}
    plainly = []
    for path in Path(bot.telegram.__file__ or "").parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
                found = ast.unparse(node.func).removesuffix(".format")
                plainly += [found for keyword in node.keywords if keyword.arg in strange_names]

    assert ["texts.ADMIT_NAMED", "texts.WENT_WRONG"] == sorted(plainly), "a button, and the name of an error"
