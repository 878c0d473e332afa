"""Where quotes stand: how a text is set is forgiven, nothing else is."""

import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.answer.folding import normalise
from retrieval.answer.matching import Normalised, find_quote
from retrieval.passages import Span

TEXT = (
    "It rose by 50 people, by 5.3 and 1.5 metres, to 2,000; it was -5 degrees then (1,200 of them). The “well-known” mill — it’s "
    "Anna's — reopened in 1939–1945.\nA ﬁne  co\u00adoperation of 1 200 peo\u0301ple, and they don't mind 50% of it… or $30 more."
)


def quoted(text: str, quote: str) -> str | None:
    """The words of the text that were found."""
    span = find_quote(text, quote)
    return None if span is None else text[span.start : span.end]


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("by 5.3 and 1.5 metres", "by 5.3 and 1.5 metres"),
        ("BY 5.3\n and\t1.5 METRES", "by 5.3 and 1.5 metres"),
        ("was −5 degrees", "was -5 degrees"),
        ("-5 degrees then", "-5 degrees then"),
        ("'well-known' mill - it's Anna's", "“well-known” mill — it’s Anna's"),
        ("mill--it's ANNA’S -- reopened in 1939 - 1945", "mill — it’s Anna's — reopened in 1939–1945"),
        ("fine cooperation of 1 200 people", None),
        ("fine cooperation of 1 200 peóple", "ﬁne  co\u00adoperation of 1 200 peo\u0301ple"),
        ("mind 50% of it...", "mind 50% of it…"),
        ("“mind 50% of it”", "mind 50% of it"),
        ('"and they don\'t mind 50%."', "and they don't mind 50%"),
        ("… and they don’t mind 50% …", "and they don't mind 50%"),
        ("  or $30 more.  ", "or $30 more."),
    ],
)
def test_setting_is_forgiven(quote: str, words: str | None) -> None:
    """White space, quotation marks, dashes, case, accents, ligatures, what is invisible, and marks around a quote."""
    assert quoted(TEXT, quote) == words


@pytest.mark.parametrize(
    "quote",
    [
        "It rose by 5",
        "It rose by 5.",
        "and 1.5 metres, to 2",
        "5 metres, to 2,000",
        "3 and 1.5 metres",
        "5 degrees then",
        "degrees then (1",
        "200 of them",
        "mill - its Anna's",
        "mill - it's Anna",
        "known” mill — it’s",
        "reopened in 1939",
        "cooperation of 1",
        "200 peóple, and they",
        "and they don",
        "and they don'",
        "they don't mind 50",
        "30 more.",
        "ne cooperation of 1 200",
    ],
)
def test_words_and_numbers_are_not_cut(quote: str) -> None:
    """A quote does not begin or end inside of a word, a number, or what belongs to a number."""
    assert quoted(TEXT, quote) is None


@pytest.mark.parametrize(
    ("text", "quote", "words"),
    [
        ("彼は五十年に東京へ行った。", "年に東京へ行った", "年に東京へ行った"),
        ("彼は五十年に東京へ行った。", "十年に東京へ行った", None),
        ("彼は五十年に東京へ行った。", "東京へ", None),
        ("Straße und Weg", "STRASSE UND WEG", "Straße und Weg"),
        ("it is İstanbul here", "it is i̇stanbul", "it is İstanbul"),
        ("किताब है यहाँ पर", "ताब है यहाँ पर", None),
        ("किताब है यहाँ पर", "किताब है यहाँ पर", "किताब है यहाँ पर"),
        ("كتاب قديم جدا هنا", "قديم جدا هنا", "قديم جدا هنا"),
        ("10² of the metres", "10 of the metres", None),
        ("10² of the metres", "102 of the metres", None),
        ("- 5 people came here", "-5 people came", None),
        ("- 5 people came here", "- 5 people came", "- 5 people came"),
        ("- Otters came back", "Otters came back", "Otters came back"),
        ("the word in \u202eright order\u202c here", "in right order here", "in \u202eright order\u202c here"),
        ("rose by 5\u200b\u200b\u200b\u200b\u200b\u200b\u200b0 metres", "it rose by 5", None),
        ("his sign: ‘no way’, it said", 'sign: "no way", it', "sign: ‘no way’, it"),
        ("", "some words here", None),
        ("some words here", "", None),
        ("some words here", "...", None),
    ],
)
def test_scripts_and_edges(text: str, quote: str, words: str | None) -> None:
    """Scripts without spaces, letters that grow when folded, marks, signs and nothing at all."""
    assert quoted(text, quote) == words


@pytest.mark.parametrize("quote", ["otters", "a mill", "a b c d", "   the    ox   ", "“otters came”"[:8]])
def test_short_quotes_tell_nothing(quote: str) -> None:
    """Less than two words or eight characters could stand anywhere."""
    assert find_quote(f"Then {quote} and more of the same.", quote) is None


def test_first_whole_place_counts() -> None:
    """A place inside of other words is passed over."""
    text = "They rose by 50, then they rose by 5 metres, and again they rose by 5."

    assert find_quote(text, "they rose by 5") == find_quote(text, "THEY ROSE BY 5")
    assert find_quote(text, "they rose by 5") == Span(len("They rose by 50, then "), len("They rose by 50, then they rose by 5"))


WORDS = st.sampled_from(
    [
        "otter",
        "Tarn",
        "mill",
        "Ladder",
        "it's",
        "its",
        "well-known",
        "river",
        "the",
        "of",
        "café",
        "Straße",
        "ﬁsh",
        "İn",
        "Ωmega",
        "don't",
    ]
)
NUMBERS = (
    st.integers(0, 10**7).map(str) | st.floats(0.1, 99, allow_nan=False).map("{:.2f}".format) | st.just("1,200") | st.just("−5")
)
TOKENS = st.lists(WORDS | NUMBERS, min_size=6, max_size=40)


@st.composite
def quotes(draw: st.DrawFn) -> tuple[list[str], int, int]:
    """The words of a text, and from where to where a quote goes that is long enough."""
    words = draw(TOKENS)
    start = draw(st.integers(0, len(words) - 4))
    end = draw(st.integers(start + 3, len(words)))
    quote = " ".join(words[start:end])
    # A number behind a short one could be the rest of it.
    assume(not re.search(r"(?<![\d.,])\d{1,3} \d{3}(?!\d)", " ".join(words)))
    assume(find_quote(quote, quote))
    return words, start, end


@given(quotes())
def test_true_quotes_are_found_exactly(drawn: tuple[list[str], int, int]) -> None:
    """A quote is found where it stands or, if it stands twice, at the first place: always at exactly its words."""
    words, start, end = drawn

    assert quoted(" ".join(words), " ".join(words[start:end])) == " ".join(words[start:end])


def stands(quote: list[str], words: list[str]) -> bool:
    """Whether the words are in the text in a row, each as a whole."""
    looked, text = [normalise(word) for word in quote], [normalise(word) for word in words]
    return any(text[place : place + len(looked)] == looked for place in range(len(text)))


SETTINGS = (
    lambda text: text.upper().casefold(),
    lambda text: text.replace(" ", "\n"),
    lambda text: text.replace(" ", " \u00a0 "),
    lambda text: text.replace("'", "’"),
    lambda text: text.replace("-", "–"),
    lambda text: text.replace("−", "-"),
    lambda text: unicodedata.normalize("NFD", text),
    "\u200b".join,
    lambda text: re.sub(r"(?<=\w)(?=\w)", "\u00ad", text, count=5),
    lambda text: f"“{text}”",
    lambda text: f"{text} …",
    lambda text: f"\U000e0041{text}\U000e007f",
)


@given(quotes(), st.lists(st.sampled_from(SETTINGS), max_size=4))
def test_another_setting_is_the_same_quote(drawn: tuple[list[str], int, int], settings: list) -> None:
    """However a quote is set, it is found at the same place."""
    words, start, end = drawn
    text, quote = " ".join(words), " ".join(words[start:end])
    changed = quote
    for setting in settings:
        changed = setting(changed)

    assert find_quote(text, changed) == find_quote(text, quote)


@given(quotes(), st.lists(st.sampled_from(SETTINGS), max_size=3))
def test_a_text_that_is_set_otherwise_holds_the_quote(drawn: tuple[list[str], int, int], settings: list) -> None:
    """The law: what is found is equal to the quote in the form that is compared."""
    words, start, end = drawn
    text, quote = " ".join(words), " ".join(words[start:end])
    for setting in settings:
        text = setting(text)

    found = quoted(text, quote)

    assert found is not None
    assert found == found.strip()
    assert normalise(found) == normalise(quote)


@given(quotes(), st.data())
def test_one_changed_word_is_caught(drawn: tuple[list[str], int, int], data: st.DataObject) -> None:
    """Another word or number in one place, a word more or less in the middle: not found."""
    words, start, end = drawn
    quote = words[start:end]
    place = data.draw(st.integers(0, len(quote) - 1))
    other = data.draw(WORDS | NUMBERS)
    inner = data.draw(st.integers(1, len(quote) - 2))
    changed = data.draw(
        st.sampled_from(
            (
                [*quote[:place], other, *quote[place + 1 :]],
                [*quote[:inner], other, *quote[inner:]],
                [*quote[:inner], *quote[inner + 1 :]],
            )
        )
    )
    line = " ".join(words)
    assume(not stands(changed, words))

    assert find_quote(line, " ".join(changed)) is None


@given(quotes(), st.data())
def test_one_changed_digit_is_caught(drawn: tuple[list[str], int, int], data: st.DataObject) -> None:
    """Another digit anywhere, one more or one less: not found."""
    words, start, end = drawn
    line, quote = " ".join(words), " ".join(words[start:end])
    places = [match.start() for match in re.finditer(r"\d", quote)]
    assume(places)
    place = data.draw(st.sampled_from(places))
    changed = quote[:place] + data.draw(st.sampled_from(["", *"0123456789", "00", "11"])) + quote[place + 1 :]
    assume(not stands(changed.split(), words))
    assume("−" not in changed.split())  # before the next number, with a space that is forgiven

    assert find_quote(line, changed) is None


ANYTHING = st.text(
    st.characters()
    | st.sampled_from(
        "ß İﬁ…--–—'\"“”’`´ \u0301\u0308\u200b\u200d\u00ad\ufe0f\U000e0041\u202e\n\t東京五ア가각ᅡ한नमُسلام👩‍👧🏴.,5½²%$"
    ),
    max_size=60,
)


@given(ANYTHING, st.data())
def test_any_text_gives_no_wrong_span(text: str, data: st.DataObject) -> None:
    """Whatever the characters, a span is equal to the quote, without white space around it, or there is none."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = data.draw(st.just(text[start:end]) | ANYTHING)

    span = find_quote(text, quote)

    if span is not None:
        found = text[span.start : span.end]
        assert found
        assert not found[0].isspace()
        assert not found[-1].isspace()
        assert normalise(found).strip(" .,;:'") == normalise(quote).strip(" .,;:'")
        assert normalise(found) in normalise(quote)


@given(ANYTHING)
def test_normalising_is_settled(text: str) -> None:
    """The two ways to write an accent come to the same, and cutting a text at spaces changes nothing."""
    assert normalise(unicodedata.normalize("NFC", text)) == normalise(unicodedata.normalize("NFD", text))


def test_a_text_is_read_once_for_many_quotes() -> None:
    """`Normalised` finds what `find_quote` finds."""
    text = Normalised(TEXT)

    assert all(text.find(quote) == find_quote(TEXT, quote) for quote in ("was -5 degrees", "It rose by 5", "by 50 people"))


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("at least 27 animals between", "at least **27 animals** between"),
        ("at least **27 animals** between", "at least **27 animals** between"),
        ("between the mill and the weir", "between the *mill* and _the_ weir"),
        ("the weir, 5*3 and 2 * 3", "_the_ weir, 5*3 and 2 * 3"),
        ("the weir, 53 and 2 * 3", ""),
        ("and 2 3 of snake_case", ""),
        ("of snakecase only", ""),
    ],
)
def test_emphasis(quote: str, found: str) -> None:
    """Marks of emphasis around words may be copied or not; a star that multiplies and a line inside a word are none."""
    text = "We saw at least **27 animals** between the *mill* and _the_ weir, 5*3 and 2 * 3 of snake_case only."
    span = find_quote(text, quote)

    assert found.removeprefix("_") == (text[span.start : span.end].removeprefix("_") if span else "")
