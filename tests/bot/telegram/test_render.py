"""Answers, passages, lists and reports as messages."""

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from sendable import check_message, check_shown

from bot.telegram.listing import PAGE, page_count, show_search, show_sources
from bot.telegram.render import by_source, show_answer, show_preview
from bot.telegram.reporting import show_progress, show_report
from bot.telegram.richtext import entities
from bot.telegram.shown import Shown
from bot.telegram.surroundings import show_surroundings
from ingest.console import printable
from ingest.documents import Failure
from ingest.sync import Progress, Report
from retrieval import Answer, AnswerSentence, ArticleRecord, Citation, Passage, Span

KEY = "k" * 16
NASTY = "\x1b[31m\u202eevil\u2066\r\n\t\x00<b>&amp; *x* _y_ [1](http://x)\ud800"
TEXTS = st.sampled_from(["Otters were counted in 2022.", "word " * 300, "x" * 300, "", NASTY, "😀" * 30, "中文句子。"]) | st.text(
    max_size=40
)
LINKS = st.sampled_from(
    ["", "https://a.org/1", "https://a.org/1#x", "javascript:alert(1)", "/a/b.md", "https://localhost/", "http://["]
)
SOURCES = st.sampled_from([f"/articles/{n}.md" for n in range(9)] + [f"https://a.org/{n}" for n in range(9)])


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers and refusals with arbitrary texts; an article has one link."""
    articles = {source: (draw(TEXTS), draw(TEXTS), draw(LINKS)) for source in draw(st.lists(SOURCES, min_size=1, max_size=12))}
    citations, passages = [], []
    for number in range(1, draw(st.integers(0, 14)) + 1):
        source = draw(st.sampled_from(list(articles)))
        title, site, link = articles[source]
        citations.append(Citation(number, source, title, draw(TEXTS), 0, 1, site, "2022", link))
        passages.append(Passage("c", source, title, draw(TEXTS), 0, 1, 1.0, site, "2022", link))
    sentences = tuple(AnswerSentence(draw(TEXTS), (each.number, max(1, each.number - 1))) for each in citations)
    abstained = draw(st.booleans()) or not sentences
    carried = tuple(draw(st.lists(TEXTS, max_size=2)))
    cited = () if abstained else tuple(citations)
    return Answer("q", "q", tuple(passages), () if abstained else sentences, cited, 0.5, 0.1, carried=carried)


def links(shown: Shown) -> Counter[str | int]:
    """How often each address is linked."""
    return Counter(entity["url"] for entity in entities(shown.text) if "url" in entity)


@settings(max_examples=60)
@given(answers())
def test_answers_can_be_sent(answer: Answer) -> None:
    """Whatever the texts hold, Telegram takes the messages, and nothing in them controls or reorders what is read."""
    shown = show_answer(answer, KEY)

    check_shown(shown)
    assert all(line == printable(line) for line in shown.text.text.split("\n"))


@settings(max_examples=60)
@given(answers())
def test_nothing_of_an_answer_is_lost(answer: Answer) -> None:
    """Every sentence stands there with its numbers, every quote with its own, and each source is linked once at most."""
    shown = show_answer(answer, KEY)

    for sentence in answer.sentences:
        marks = " ".join(f"[{number}]" for number in sentence.citations)
        assert " ".join(filter(None, [printable(sentence.text), marks])) in shown.text.text
    for citation in answer.citations:
        assert f"[{citation.number}] “{printable(citation.quote)}”" in shown.text.text
    sources = {each.source: each.link for each in (*answer.citations, *answer.passages)}
    assert all(count <= list(sources.values()).count(str(url)) for url, count in links(shown).items())
    if answer.sentences or answer.passages:
        assert ", ".join(filter(None, map(printable, answer.carried))) in shown.text.text


@settings(max_examples=60)
@given(answers())
def test_buttons_lead_to_the_sources(answer: Answer) -> None:
    """The first eight sources have a button that names their numbers, then comes the vote; a refusal has the vote alone."""
    rows = show_answer(answer, KEY).buttons
    groups = by_source(answer.citations)[:8]

    buttons = [button for row in rows[:-1] for button in row]
    assert [f"s:{KEY}:{number}" for number in range(len(groups))] == [button.data for button in buttons]
    for group, button in zip(groups, buttons, strict=True):
        assert button.label.startswith(f"[{group[0].number}]")
    votes = [button.data for row in rows[-1:] for button in row]
    assert votes == ([f"v:{KEY}:1", f"v:{KEY}:0"] if answer.sentences or answer.passages else [])


@settings(max_examples=40)
@given(answers())
def test_previews_and_searches_can_be_sent(answer: Answer) -> None:
    """What is shown while an answer comes is one message, and so are passages, each article linked once at most."""
    preview = show_preview(answer.sentences)
    search = show_search(answer.passages)

    if answer.sentences:
        check_message(preview)
    assert show_answer(answer, KEY).text.text.startswith(preview.text)
    check_shown(search)
    assert links(search).total() <= len({passage.source for passage in answer.passages})


@given(
    st.text(alphabet="ab \n\r\t\x00\u202e😀\u2028", max_size=60),
    st.lists(st.tuples(*[st.integers(0, 70)] * 2), max_size=3),
    LINKS,
)
def test_quotes_are_marked_in_their_surroundings(text: str, places: list[tuple[int, int]], link: str) -> None:
    """What is bold is the quote, made harmless, wherever control characters and white space stand before it."""
    spans = [Span(min(place), max(place)) for place in places]
    citation = Citation(1, "/a/otters.md", "Otters", text, 0, 1, link=link)

    shown = show_surroundings(citation, text, spans, before=True, after=True)

    check_shown(shown)
    bold = [shown.text.text[mark.start : mark.end] for mark in shown.text.marks if mark.kind == "bold"]
    quoted = [printable(text[span.start : span.end]) for span in spans]
    assert [each for each in quoted if each] == [each for each in map(printable, bold) if each]
    assert printable(text) in printable(shown.text.text)
    assert "x" == shown.buttons[-1][0].data


@settings(max_examples=40)
@given(st.integers(0, 40), st.data(), TEXTS)
def test_pages_of_articles(total: int, data: st.DataObject, words: str) -> None:
    """A page lists its articles by number and leads to the pages beside it, and only to those that there are."""
    page = data.draw(st.integers(0, page_count(total) - 1))
    records = [ArticleRecord(f"/a/{n}.md", data.draw(TEXTS), "", "Site", "2022", "en", "", "", 1, 1) for n in range(total)]

    shown = show_sources(records[page * PAGE : (page + 1) * PAGE], page=page, total=total, words=words, key=KEY)

    check_shown(shown)
    beside = [f"p:{KEY}:{each}" for each in (page - 1, page + 1) if total and 0 <= each < page_count(total)]
    assert beside == [button.data for row in shown.buttons for button in row]
    numbers = [int(number) for number in re.findall(r"^(\d+)\. .*Site · 2022$", shown.text.text, re.MULTILINE)]
    assert list(range(page * PAGE + 1, min(total, (page + 1) * PAGE) + 1)) == numbers


@given(st.lists(st.tuples(TEXTS | SOURCES, TEXTS), max_size=9), st.booleans())
def test_reports_fit_into_a_message(failures: list[tuple[str, str]], interrupted: bool) -> None:  # noqa: FBT001 - drawn
    """A report names five failures at most and tells how many more there are, in one message."""
    failed = tuple(Failure(*each) for each in failures)
    report = Report(("a",), (), ("b", "c"), (), failed, ("d",), chunks=9, embedded=8, seconds=2.04, interrupted=interrupted)

    text = show_report(report).text

    assert len(text) <= 4096
    assert text.startswith(f"Added 1, updated 0, unchanged 2, removed 0, failed {len(failed)} (in 2.0 s, 9 chunks, 8 embedded)")
    assert min(len(failed), 5) == text.count("\nFailed: ")
    assert (f"and {len(failed) - 5} more" in text) == (len(failed) > 5)
    assert ("Stopped before the end" in text) == interrupted
    assert "/articles/" not in text


def test_an_answer_as_it_looks() -> None:
    """Sentences with numbers, then the quotes by source, each source with its title, site and date."""
    river = {"source": "https://a.org/1", "title": "Otters", "site": "River", "date": "2022", "link": "https://a.org/1"}
    sentences = (AnswerSentence("There are 27 otters.", (1,)), AnswerSentence("They eat fish.", (2, 3)))
    citations = (
        Citation(1, quote="27 otters", start=0, end=9, **river),
        Citation(2, "/a/fish", "", "fish", 0, 4),
        Citation(3, quote="fish, mostly", start=0, end=12, **river),
    )

    shown = show_answer(Answer("q", "q", (), sentences, citations, 1, 0, carried=("otters",)), "k")

    assert shown.text.text == (
        "There are 27 otters. [1] They eat fish. [2] [3]\n\n"
        "[1] “27 otters”\n[3] “fish, mostly”\nOtters · River · 2022\n\n"
        "[2] “fish”\nfish\n\n"
        "Read as a follow-up to: otters"
    )
    assert ["[1] [3] Otters", "[2] fish", "👍", "👎"] == [button.label for row in shown.buttons for button in row]
    assert ["expandable_blockquote", "text_link", "italic"] == [entity["type"] for entity in entities(shown.text)]


def test_a_refusal_as_it_looks() -> None:
    """The phrase, and what is closest without a number; where there is nothing, that there are no articles."""
    passage = Passage("c", "/a/otters.md", "Otters", "# Otters\n\nThere are 27.", 0, 9, 1.0, "River", "2022")

    closest = show_answer(Answer("q", "q", (passage,) * 4, (), (), 0, 0), "k")
    nothing = show_answer(Answer("q", "q", (), (), (), 0, 0), "k")

    entry = "\n\nOtters · River · 2022\nThere are 27."
    assert closest.text.text == f"The articles do not say.\n\nThis is the closest that I found:{entry * 3}"
    assert Shown(nothing.text) == nothing
    assert "There are no articles yet, so there is nothing to answer from." == nothing.text.text


def test_progress_as_it_reads() -> None:
    """How many articles of how many, and which one; or what is waited for."""
    assert "3 of 9 articles, 40 chunks embedded\nReading c.md" == show_progress(Progress(3, 9, "/a/c.md", 50, 40)).text
    assert "Looking for articles…" == show_progress(Progress(0, 0, "", 0, 0)).text
    assert show_progress(Progress(0, 0, "", 0, 0, waiting=True)).text.startswith("Waiting for another process")
