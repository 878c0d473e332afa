"""A passage and quotes of it, for what a model may say with them as its footnotes."""

from hypothesis import strategies as st

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


def plain(text: str, language: str = "") -> Passage:
    """A passage that is nothing but its text."""
    return Passage("c", "s", "", text, 0, len(text), 1.0, language=language)


WORDS = st.sampled_from(
    """
    otters river counted the of in was not Tarn Mill Ines Duarte U.S. well-known it's three hundred million and 2022 1,200 2.5% $5
    September 18 February 2023 May B12 NATO McDonald never ladder opened dozens second 1939–45 −5 from to
    """.split()  # noqa: SIM905 - one a line would be a page
)
TEXTS = st.lists(WORDS, min_size=4, max_size=40).map(" ".join)
