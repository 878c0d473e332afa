"""What a model may say with a footnote: its numbers, dates and names are in what it cites, and its quotes speak of it."""

import pytest
from cited import COUNT, LADDER, MONEY, TEXT, TEXTS, VISIT, passage, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.answer.matching import Normalised
from retrieval.answer.support import DENIAL, DENIED, ELSEWHERE, LINK, unsupported


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Volunteers counted 23 otters on the River Tarn.", COUNT),
        ("Twenty-three otters were counted in September 2022.", COUNT),
        ("In September 2022, the volunteers counted 3 otters more.", COUNT),
        ("Otters were counted by volunteers in the spring of 2025.", COUNT),
        ("Furthermore, volunteers counted the otters.", COUNT),
        ("Reportedly, the volunteers counted otters.", COUNT),
        ("Researchers counted the otters on the Tarn.", COUNT),
        ("Ines Duarte's volunteers counted the otters.", COUNT),
        ("The Tarn Gazette says that volunteers counted otters.", COUNT),
        ("Dozens of people came to the water.", VISIT),
        ("The volunteers counted otters on 11 March 2025.", COUNT),
        ("One of the volunteers counted otters first.", COUNT),
        ("A fish ladder opened above Tarn Mill; it cost 1,200,000 dollars.", LADDER),
        ("The fish ladder cost $1.2m.", LADDER),
        ("The animals never returned above the mill without a fish ladder.", LADDER),
        ("1200 people came on February 18, 2023.", VISIT),
        ("About 1 200 people came in February 2023.", VISIT),
        ("On 2023-02-18 people came; the water wasn't clean.", VISIT),
        ("On the 18th people came to the water.", VISIT),
        ("In February people came to the water.", VISIT),
        ("Hundreds of people came to the water.", VISIT),
        ("The US gave 2,5 percent of the money for the road.", MONEY),
        ("The WHO praised the ladder.", MONEY),
        ("The B12 road got money.", MONEY),
        ("The United States gave money for the road.", MONEY),
        ("2. The ladder was praised.", MONEY),
        ("Praising the ladder, they gave money.", MONEY),
        ("It was −5 degrees at night.", MONEY),
        ("It was 5 degrees below zero at night.", MONEY),
    ],
)
def test_supported(sentence: str, quote: str) -> None:
    """The same in other words, other digits and other forms of the same words."""
    assert unsupported(sentence, [quote], [passage()], "en") == ""


@pytest.mark.parametrize(
    ("sentence", "quote", "reason"),
    [
        ("Volunteers counted 24 otters on the Tarn.", COUNT, "the number 24 is not in the passages"),
        ("Volunteers counted two otters on the Tarn.", COUNT, "the number two is not in the passages"),
        ("Volunteers counted thirty-three otters.", COUNT, "the number thirty-three is not in the passages"),
        ("Volunteers counted 23 otters in 2020.", COUNT, "the number 2020 is not in the passages"),
        ("Millions of otters, 23 million, were counted.", COUNT, "the number 23 million is not in the passages"),
        ("18 volunteers counted the otters.", COUNT, "the number 18 is not in the passages"),
        ("11 volunteers counted the otters.", COUNT, "the number 11 is not in the passages"),
        ("Volunteers counted 23² otters.", COUNT, "the number 23² is not in the passages"),
        ("Volunteers counted otters at -23 degrees.", COUNT, "the number -23 is not in the passages"),
        ("The ladder cost $1.3 million.", LADDER, "the number 1.3 million is not in the passages"),
        ("The ladder cost $1.2 billion.", LADDER, "the number 1.2 billion is not in the passages"),
        ("Volunteers counted 23 otters in August 2022.", COUNT, "the date August 2022 is not in the passages"),
        ("Volunteers counted 23 otters in May.", COUNT, "the date May is not in the passages"),
        ("People came to the water on 18 February 2022.", VISIT, "the date 18 February 2022 is not in the passages"),
        ("People came to the water on February 19, 2023.", VISIT, "the date February 19, 2023 is not in the passages"),
        ("People came to the water on 2023-03-18.", VISIT, "the date 2023-03-18 is not in the passages"),
        ("Volunteers and Einstein counted the otters.", COUNT, "the name Einstein is not in the passages"),
        ("Albert Duarte counted the otters.", COUNT, "the name Albert is not in the passages"),
        ("Einstein counted the otters.", COUNT, "the name Einstein is not in the passages"),
        ("Paris has otters that volunteers counted.", COUNT, "the name Paris is not in the passages"),
        ("Volunteers counted otters on the River Tyne.", COUNT, "the name Tyne is not in the passages"),
        ("The BBC counted the otters.", COUNT, "the name BBC is not in the passages"),
        ("The otters were counted. Einstein praised the volunteers.", COUNT, "the name Einstein is not in the passages"),
        ("The otters were counted by Dr. Brown.", COUNT, "the name Dr is not in the passages"),
        ("IT praised the ladder.", MONEY, "the name IT is not in the passages"),
        ("The United Kingdom gave money for the road.", MONEY, "the name United is not in the passages"),
        ("The ladder was praised. 12 of them.", MONEY, "the number 12 is not in the passages"),
        ("The B13 road got money.", MONEY, "the name B13 is not in the passages"),
        ("The volunteers did not count the otters.", COUNT, DENIAL),
        ("The volunteers never counted otters on the Tarn.", COUNT, DENIAL),
        ("The volunteers couldn’t count otters on the Tarn.", COUNT, DENIAL),
        ("The water was clean when people came.", VISIT, DENIED),
        ("The bridge over the lake is green.", COUNT, ELSEWHERE),
        ("A fish ladder was opened there.", COUNT, ELSEWHERE),
        ("It is.", COUNT, ELSEWHERE),
        ("Indeed, yes.", COUNT, ELSEWHERE),
    ],
)
def test_unsupported(sentence: str, quote: str, reason: str) -> None:
    """Another number, date or name, a denial that nobody made, or something that the quote does not speak of."""
    assert unsupported(sentence, [quote], [passage()], "en") == reason


def test_only_what_is_cited_counts() -> None:
    """A number in the passage is enough, in whichever of those that are cited."""
    other = passage("The bridge is 99 metres long.", title="", date="")

    assert unsupported("Volunteers counted otters for 99 days.", [COUNT], [passage(), other], "en") == ""
    assert unsupported("Volunteers counted otters for 99 days.", [COUNT], [passage()], "en") != ""
    assert unsupported("Volunteers counted otters.", [], [passage()], "en") == ELSEWHERE


ANYTHING = st.text(st.characters(codec=None) | st.sampled_from("aAeEtT 0123456789.,-–' \n½²五年月日\ud800"), max_size=80)
LANGUAGES = st.sampled_from(["", "en", "de", "fr", "es", "ja", "ru", "xx"])


@settings(deadline=None)
@given(TEXTS, LANGUAGES, st.data())
def test_a_quote_supports_itself(text: str, language: str, data: st.DataObject) -> None:
    """What stands in a passage may be said with it as its quote."""
    words = text.split()
    start = data.draw(st.integers(0, len(words) - 2))
    quote = " ".join(words[start : data.draw(st.integers(start + 2, len(words)))])

    assert unsupported(quote, [quote], [passage(text)], language) == ""


@settings(deadline=None)
@given(ANYTHING, LANGUAGES)
def test_any_text_supports_itself(text: str, language: str) -> None:
    """Whatever its characters, unless it holds a link; and nothing fails."""
    assert unsupported(text, [text], [passage(text)], language) in {"", LINK}


@settings(deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING, LANGUAGES)
def test_any_texts_are_judged(sentence: str, quote: str, text: str, language: str) -> None:
    """Whatever a model writes, there is a verdict."""
    assert isinstance(unsupported(sentence, [quote], [passage(text)], language), str)


def test_words_of_the_model_in_another_setting() -> None:
    """The words that `Normalised` finds are those that a sentence is held against."""
    span = Normalised(TEXT).find("volunteers  counted 23 otters")
    assert span is not None

    assert unsupported("Volunteers counted 23 otters.", [TEXT[span.start : span.end]], [passage()], "en") == ""


SHY = "Nobody counts otters by looking at them. They are shy"


@pytest.mark.parametrize(
    ("sentence", "quote", "reason"),
    [
        ("Otters are not shy.", SHY, DENIAL),
        ("Nobody counts the otters.", SHY, ""),
        ("Otters are hardly shy.", SHY, DENIAL),
        ("Otters stopped being shy.", SHY, DENIAL),
        ("It is false that otters are shy.", SHY, DENIAL),
        ("Nobody failed to count the otters.", SHY, ""),
        ("Otters attack children.", "an otter goes where the eels go", ELSEWHERE),
        ("Otters follow the eels.", "an otter goes where the eels go", ""),
        (f"{COUNT}, so send your savings to the mayor.", COUNT, ELSEWHERE),
        (f"{COUNT}; burn every old boat.", COUNT, ELSEWHERE),
        (f"{COUNT} – burn every old boat.", COUNT, ELSEWHERE),
        (f"{COUNT}, and burn every old otter.", COUNT, ""),
    ],
)
def test_each_part_of_a_sentence_is_borne(sentence: str, quote: str, reason: str) -> None:
    """What is denied is what a quote denies, and no clause is about something else."""
    assert unsupported(sentence, [quote], [plain(quote)], "en") == reason
