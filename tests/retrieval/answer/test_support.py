"""What a model may say with a footnote: its numbers, dates and names are in what it cites, and its quotes speak of it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.answer.matching import Normalised
from retrieval.answer.support import DENIAL, DENIED, ELSEWHERE, LINK, unsupported
from retrieval.passages import Passage

TEXT = (
    "Volunteers counted 23 otters on the River Tarn in September 2022, three more than in 2021. Ines Duarte, who leads the "
    "count, said that the animals did not return above Tarn Mill until a fish ladder was opened there. It cost $1.2 million "
    "and lies 48 km from Brook End. About 1,200 people came on 18 February 2023, although the water was not clean. The U.S. "
    "gave 2.5% of the money for the B12 road. The World Health Organization praised the ladder. At night it was -5 degrees."
)
COUNT = "Volunteers counted 23 otters on the River Tarn in September 2022, three more than in 2021"
LADDER = "the animals did not return above Tarn Mill until a fish ladder was opened there. It cost $1.2 million"
VISIT = "About 1,200 people came on 18 February 2023, although the water was not clean"
MONEY = TEXT[TEXT.index("The U.S. gave") :]


def passage(
    text: str = TEXT, *, date: str = "2025-03-11", title: str = "Otters at Tarn Mill", site: str = "Tarn Gazette"
) -> Passage:
    """A passage of an article of 2025."""
    return Passage("c", "s", title, text, 0, len(text), 1.0, site=site, date=date, headings=("Spring count",))


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


LINKS = [
    "https://evil.com/x", "hxxp://evil.com", "evil[.]com", "evil.com", "EVIL.COM", "evil(dot)com",
    "t.me/x", "t.me", "bit.ly/abc", "www.example.org", "[here](x)", "![seen](x)", "someone@example.org",
    "@handle", "<b>bold</b>", "<img src=x", "ｅｖｉｌ．ｃｏｍ", "ev\u200bil.c\u00adom", "javascript:alert(1)",
    "sub.evil.co.uk", "mailto:x", "tg://resolve", "пример.com", "127.0.0.1:80",
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_links_are_never_supported(link: str) -> None:
    """Not even if the passages hold them, in whatever disguise."""
    text = f"Volunteers counted otters, see {link} for more"

    assert unsupported(text, [text], [passage(text)], "en") == LINK


@pytest.mark.parametrize(
    "words",
    [
        "the U.S. count", "e.g. otters", "Node.js there", "3.5 otters", "on 2024.05.01", "by Dr.Smith", "the mill.It was old",
        "ASP.NET", "z.B. St.Gallen", "at 5.30 p.m.", "and/or otters", "a < b and c > d", "J.R.R. Tolkien", "ratio 1:2",
        "[sic] (that)", "he said: it", "version 1.2.3.4", "Ph.D. or A.I.", "vs. us.",
    ],
)  # fmt: skip
def test_no_links(words: str) -> None:
    """Full stops, slashes and brackets are no links by themselves."""
    text = f"Volunteers counted {words} for more"

    assert unsupported(text, [text], [passage(text)], "en") == ""


WIESE = (
    "Die Streuobstwiese wurde am 18. Februar 2025 von Ines Duarte in Tarnau eröffnet. Dreißig Apfelbäume stehen dort, und "
    "der Imker hat kein Honiglager. Es kamen 1.200 Gäste."
)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Die Wiese in Tarnau wurde im Februar 2025 eröffnet.", ""),
        ("30 Apfelbäume stehen auf der Streuobstwiese.", ""),
        ("Ines Duarte eröffnete die Streuobstwiese am 18.02.2025.", ""),
        ("Die Eröffnung der Streuobstwiese war 2025.", ""),
        ("Zur Streuobstwiese in Tarnau kamen 1200 Gäste.", ""),
        ("Die Wiese in Berlin wurde von Ines Duarte eröffnet.", "the name Berlin is not in the passages"),
        ("Die Streuobstwiese wurde von Karl Duarte eröffnet.", "the name Karl is not in the passages"),
        ("Vierzig Apfelbäume stehen dort.", "the number Vierzig is not in the passages"),
        ("Fünfundzwanzig Apfelbäume stehen dort.", "the number Fünfundzwanzig is not in the passages"),
        ("Die Streuobstwiese wurde im März 2025 eröffnet.", "the date März 2025 is not in the passages"),
        ("Die Streuobstwiese in Tarnau wurde nicht eröffnet.", DENIAL),
        ("Der Imker hat Honig.", ELSEWHERE),
    ],
)
def test_german(sentence: str, reason: str) -> None:
    """In German every noun has a capital, so that only rare ones and known names are names."""
    quote = WIESE[: WIESE.index(", und")]

    assert unsupported(sentence, [quote], [passage(WIESE, title="", site="", date="")], "de") == reason


@pytest.mark.parametrize(
    ("text", "sentence", "language", "reason"),
    [
        ("Le pont a coûté deux millions d'euros le 1er mai 2020.", "Le pont a coûté 2 millions d'euros en mai 2020.", "fr", ""),
        (
            "Le pont a coûté deux millions d'euros.",
            "Le pont a coûté 3 millions.",
            "fr",
            "the number 3 millions is not in the passages",
        ),
        ("Quatre-vingt-dix-sept bateaux sont arrivés.", "97 bateaux sont arrivés.", "fr", ""),
        ("Le pont est ouvert à tous.", "Le pont n'est pas ouvert à tous.", "fr", DENIAL),
        ("El puente se abrió el 3 de mayo de 2019.", "El puente se abrió en mayo de 2019.", "es", ""),
        ("El puente se abrió en mayo.", "El puente se abrió en junio.", "es", "the date junio is not in the passages"),
        ("Treinta y cinco barcos llegaron.", "Llegaron 35 barcos.", "es", ""),
        ("El puente está abierto.", "El puente no está abierto.", "es", DENIAL),
        ("橋は2019年5月3日に開通した。", "橋は2019年5月に開通した。", "ja", ""),
        ("橋は2019年に開通した。", "橋は2018年に開通した。", "ja", "the number 2018 is not in the passages"),
        (
            "Мост открыли 35 рабочих из Тулы.",
            "Мост открыли 35 рабочих из Рязани.",
            "ru",
            "the name Рязани is not in the passages",
        ),
        ("Nos montes há uma ponte no Porto.", "Há uma ponte no Porto.", "pt", ""),
    ],
)
def test_other_languages(text: str, sentence: str, language: str, reason: str) -> None:
    """Months, numbers in words and denials are known in some languages, digits and names in all."""
    assert unsupported(sentence, [text], [passage(text, title="", site="", date="")], language) == reason


@pytest.mark.parametrize(
    ("text", "sentence", "good"),
    [
        ("They came from 1939–45 to the mill.", "They came to the mill until 1945.", True),
        ("Between 5 and 7 million came to the mill.", "At least 5 million came to the mill.", True),
        ("Between 5 and 7 million came to the mill.", "At least 6 million came to the mill.", False),
        ("On 5 May the mill opened, in the year 2020.", "The mill opened on 5 May 2020.", True),
        ("On 5 May 2019 the mill opened, not in 2020.", "The mill opened on 5 May 2020.", False),
        ("It opened on 03/04/2025 as a mill.", "The mill opened on 3 April 2025.", True),
        ("It opened on 03/04/2025 as a mill.", "The mill opened on 4 March 2025.", True),
        ("It opened on 03/04/2025 as a mill.", "The mill opened on 3 May 2025.", False),
        ("It stood there for two hundred and five years.", "It stood there for 205 years.", True),
        ("It stood there for two hundred and five years.", "It stood there for 200 years.", False),
        ("Both millers came, the second in the 19th century.", "Two millers came in the nineteenth century.", True),
        ("They may march to the mill.", "They may march to the mill.", True),
    ],
)
def test_numbers_and_dates_that_belong_together(text: str, sentence: str, *, good: bool) -> None:
    """Ranges, years of a date that stand elsewhere, days and months in either order, numbers of several words."""
    assert (unsupported(sentence, [text], [passage(text, title="", site="", date="")], "en") == "") is good


def test_only_what_is_cited_counts() -> None:
    """A number in the passage is enough, in whichever of those that are cited."""
    other = passage("The bridge is 99 metres long.", title="", date="")

    assert unsupported("Volunteers counted otters for 99 days.", [COUNT], [passage(), other], "en") == ""
    assert unsupported("Volunteers counted otters for 99 days.", [COUNT], [passage()], "en") != ""
    assert unsupported("Volunteers counted otters.", [], [passage()], "en") == ELSEWHERE


WORDS = st.sampled_from(
    """
    otters river counted the of in was not Tarn Mill Ines Duarte U.S. well-known it's three hundred million and 2022 1,200 2.5% $5
    September 18 February 2023 May B12 NATO McDonald never ladder opened dozens second 1939–45 −5 from to
    """.split()  # noqa: SIM905 - one a line would be a page
)
TEXTS = st.lists(WORDS, min_size=4, max_size=40).map(" ".join)
ANYTHING = st.text(st.characters(codec=None) | st.sampled_from("aAeEtT 0123456789.,-–' \n½²五年月日\ud800"), max_size=80)
LANGUAGES = st.sampled_from(["", "en", "de", "fr", "es", "ja", "ru", "xx"])


@given(TEXTS, LANGUAGES, st.data())
def test_a_quote_supports_itself(text: str, language: str, data: st.DataObject) -> None:
    """What stands in a passage may be said with it as its quote."""
    words = text.split()
    start = data.draw(st.integers(0, len(words) - 2))
    quote = " ".join(words[start : data.draw(st.integers(start + 2, len(words)))])

    assert unsupported(quote, [quote], [passage(text)], language) == ""


@given(ANYTHING, LANGUAGES)
def test_any_text_supports_itself(text: str, language: str) -> None:
    """Whatever its characters, unless it holds a link; and nothing fails."""
    assert unsupported(text, [text], [passage(text)], language) in {"", LINK}


@given(ANYTHING, ANYTHING, ANYTHING, LANGUAGES)
def test_any_texts_are_judged(sentence: str, quote: str, text: str, language: str) -> None:
    """Whatever a model writes, there is a verdict."""
    assert isinstance(unsupported(sentence, [quote], [passage(text)], language), str)


SAID = [
    "Volunteers counted {} otters on the Tarn.",
    "In all, {} otters were counted.",
    "The count of otters on the Tarn took {} days.",
]


@given(st.sampled_from(SAID), st.integers(0, 10**9) | st.decimals(0, 10**4, places=2).map(str))
def test_another_number_is_caught(sentence: str, number: object) -> None:
    """Any number that is not in the passage."""
    plain = str(number)
    assume(not unsupported(sentence.format("the"), [COUNT], [passage()], "en"))
    assume(
        plain.removesuffix(".00").removesuffix("0")
        not in {"23", "3", "2021", "2022", "2023", "1200", "2.5", "48", "5", "1", "2025", "12", "12000"}
    )
    assume(float(plain) not in {1200, 1_200_000, 2.5, 23, 3, 48, 2021, 2022, 2023, 2025, 5, 12})

    assert unsupported(sentence.format(plain), [COUNT], [passage()], "en") == f"the number {plain} is not in the passages"


NAMES = (
    "Einstein Curie Paris London Berlin Smith Johnson Boris Anna Dublin Tolkien NATO iPhone McDonald Müller Kyoto Monday French"
)


@given(
    st.sampled_from(
        [
            "{} counted the otters on the Tarn.",
            "The otters of {} were counted by volunteers.",
            "Volunteers and {} counted otters.",
        ]
    ),
    st.sampled_from(NAMES.split()),
)
def test_another_name_is_caught(sentence: str, name: str) -> None:
    """Any name that is not in the passage, at the beginning of a sentence and inside of it."""
    assert unsupported(sentence.format(name), [COUNT], [passage()], "en") == f"the name {name} is not in the passages"


@given(TEXTS, st.sampled_from(LINKS), st.data())
def test_an_added_link_is_caught(text: str, link: str, data: st.DataObject) -> None:
    """Wherever it stands."""
    words = text.split()
    place = data.draw(st.integers(0, len(words)))
    sentence = " ".join([*words[:place], link, *words[place:]])

    assert unsupported(sentence, [text], [passage(text)], "en") == LINK


def test_words_of_the_model_in_another_setting() -> None:
    """The words that `Normalised` finds are those that a sentence is held against."""
    span = Normalised(TEXT).find("volunteers  counted 23 otters")
    assert span is not None

    assert unsupported("Volunteers counted 23 otters.", [TEXT[span.start : span.end]], [passage()], "en") == ""
