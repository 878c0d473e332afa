"""Names that are nowhere in what is cited, also in lower case."""

import pytest
from cited import COUNT, passage, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.answer.support import unsupported

NAMES = (
    "Einstein Curie Paris London Berlin Smith Johnson Boris Anna Dublin Tolkien NATO iPhone McDonald Müller Kyoto Monday French"
)


@settings(deadline=None)  # the first example reads a list of words
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


LADDER = "A fish ladder was opened in September 2022"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("A fish ladder was opened in september 2022.", ""),
        ("A fish ladder was opened in october 2022.", "the date october 2022 is not in the passages"),
        ("A fish ladder was opened in march 2022.", "the date march 2022 is not in the passages"),
        ("A fish ladder may have opened in September 2022.", ""),
        ("A fish ladder was opened by bill gates in September 2022.", "the name bill is not in the passages"),
        ("A fish ladder was opened in paris in September 2022.", "the name paris is not in the passages"),
        ("A fish ladder was opened by xqzzorg in September 2022.", "the name xqzzorg is not in the passages"),
        ("A fish ladder was opened on a sunday in September 2022.", "the name sunday is not in the passages"),
        ("A fish ladder was opened in the winter of 2022.", "the name winter is not in the passages"),
    ],
)
def test_names_in_lower_case(sentence: str, reason: str) -> None:
    """Months, days, seasons and names have to be said, however they are written."""
    assert unsupported(sentence, [LADDER], [plain(LADDER)], "en") == reason
