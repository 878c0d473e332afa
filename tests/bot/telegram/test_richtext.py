"""Text with marks is cut into messages that Telegram takes, and nothing of it is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sendable import check_message

from bot.telegram.richtext import Kind, Mark, RichText, entities, join, link, shows, units
from bot.telegram.splitting import split

KINDS: list[Kind] = ["bold", "italic", "text_link", "expandable_blockquote", "blockquote", "code"]
FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇩🇪"
PIECES = [
    "word",
    "a",
    " ",
    "\n",
    "\n\n",
    "Sentence. ",
    "[1] ",
    "é",
    "e\u0301",
    "中文。",
    "😀",
    FAMILY,
    FLAG,
    "❤\ufe0f",
    "\u200b",
    "👍🏽",
]


@st.composite
def rich_texts(draw: st.DrawFn, pieces: list[str] = PIECES) -> RichText:
    """Texts of all kinds of characters with marks anywhere."""
    text = "".join(draw(st.lists(st.sampled_from(pieces) | st.text(max_size=5, alphabet="ab \n😀é"), max_size=60)))
    places = st.integers(0, len(text) + 2)
    made = st.builds(lambda kind, one, other: Mark(kind, min(one, other), max(one, other), "https://a.org/"), *_ends(places))
    return RichText(text, tuple(draw(st.lists(made, max_size=12))))


def _ends(places: st.SearchStrategy[int]) -> tuple[st.SearchStrategy[Kind], st.SearchStrategy[int], st.SearchStrategy[int]]:
    return st.sampled_from(KINDS), places, places


def places_of(rich: RichText, kinds: set[str]) -> set[int]:
    """The places under marks of these kinds, by the marks themselves."""
    return {at for mark in rich.marks if mark.kind in kinds for at in range(mark.start, min(mark.end, len(rich.text)))}


def covered(rich: RichText, kinds: set[str]) -> list[int]:
    """The places of what is seen under marks of these kinds, by the entities that are given."""
    found: set[int] = set()
    for entity in entities(rich):
        if entity["type"] in kinds:
            encoded = rich.text.encode("utf-16-le")
            start = len(encoded[: 2 * int(entity["offset"])].decode("utf-16-le"))
            length = len(
                encoded[2 * int(entity["offset"]) : 2 * (int(entity["offset"]) + int(entity["length"]))].decode("utf-16-le")
            )
            found |= set(range(start, start + length))
    return sorted(place for place in found if shows(rich.text[place]))


@given(rich_texts(), st.integers(24, 200))
def test_parts_are_the_whole(rich: RichText, limit: int) -> None:
    """The parts of a text, one behind the other, are the text, and none is longer than the limit."""
    parts = split(rich, limit)

    assert rich.text == "".join(part.text for part in parts)
    assert all(0 < units(part.text) <= limit for part in parts)


@given(rich_texts(), st.integers(24, 200))
def test_every_part_can_be_sent(rich: RichText, limit: int) -> None:
    """A text without long stretches of nothing becomes messages that Telegram takes."""
    dense = RichText(re.sub(r"[\s\u200b]+", " ", rich.text).strip(), rich.marks)

    for part in split(dense, limit):
        check_message(part)


@given(rich_texts())
def test_marks_stay_where_they_were(rich: RichText) -> None:
    """What is bold or quoted in the whole is so in the parts, character by character, and nothing else is.

    Only where it is code, or that would be in a link, the one that comes later in this order gives way.
    """
    links, code = (places_of(rich, {kind}) for kind in ("text_link", "code"))
    for kinds in ({"bold"}, {"italic"}, {"code"}, {"text_link"}, {"blockquote", "expandable_blockquote"}):
        gives_way = links if kinds == {"code"} else code - links if kinds <= {"bold", "italic"} else set()
        marked = places_of(rich, kinds) - gives_way
        places, start = [], 0
        for part in split(rich, 40):
            places += [place + start for place in covered(part, kinds)]
            start += len(part.text)

        assert places == sorted(place for place in marked if shows(rich.text[place]))


@given(st.lists(st.sampled_from([FAMILY, FLAG, "e\u0301", "👍🏽", "x", "❤\ufe0f"]), max_size=60), st.integers(24, 60))
def test_characters_are_not_parted(pieces: list[str], limit: int) -> None:
    """An emoji, a flag, a letter with its accent stands in one part."""
    whole = [part.text for part in split(RichText("".join(pieces)), limit)]

    assert len(pieces) == sum(part.count(piece) for piece in set(pieces) for part in whole)


@given(st.integers(0, 6), st.integers(0, 30), st.integers(0, 30), st.integers(1, 30))
def test_no_part_is_blank(visible: int, middle: int, end: int, limit: int) -> None:
    """Where a text has less white space in a row than half a message, no part shows nothing."""
    limit += 5
    middle, end = min(middle, (limit - 1) // 2), min(end, (limit - 1) // 2)
    text = "ab" + "a" * visible + " " * middle + "b" + "\n" * end

    assert all(shows(part.text) for part in split(RichText(text), limit))


@settings(max_examples=20, deadline=None)
@given(st.integers(101, 400), st.booleans())
def test_no_more_than_a_hundred_entities(count: int, linked: bool) -> None:  # noqa: FBT001 - drawn
    """A text with more marks than a message may have becomes several messages that have them all."""
    rich = join(" ", [link("x", f"https://a.org/{n}") if linked else RichText.of("x", "bold", "italic") for n in range(count)])

    parts = split(rich)

    for part in parts:
        check_message(part)
    assert count * (1 if linked else 2) == sum(len(entities(part)) for part in parts)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"{'a ' * 30}end.\n\nNew one. And\nmore {'b' * 40}", f"{'a ' * 30}end.\n\n"),
        (f"{'a ' * 30}end.\nNew one. And {'b' * 40}", f"{'a ' * 30}end.\n"),
        (f"{'a ' * 30}end. [1] [2] New {'b' * 40}", f"{'a ' * 30}end. [1] [2] "),
        (f"{'a ' * 40}{'b' * 40}", "a " * 40),
        ("b" * 200, "b" * 80),
    ],
)
def test_borders_in_order_of_liking(text: str, first: str) -> None:
    """A text is parted between paragraphs, else lines, else sentences with their numbers, else words, else anywhere."""
    assert first == split(RichText(text), 80)[0].text


def test_offsets_count_utf16() -> None:
    """An emoji counts as two, as Telegram counts."""
    rich = RichText("😀 ") + RichText.of("bold", "bold") + " " + link("here", "https://a.org/")

    assert [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://a.org/"},
    ] == entities(rich)


def test_nothing_is_split_into_nothing() -> None:
    """An empty text needs no message, a link without an address no entity, and a quote in a quote is one."""
    assert [] == split(RichText())
    assert [] == entities(link("here", ""))
    assert 1 == len(entities(RichText.of("q", "blockquote").wrapped("expandable_blockquote")))
