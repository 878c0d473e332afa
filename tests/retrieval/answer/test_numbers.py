"""Numbers and dates that are nowhere in what is cited."""

import pytest
from cited import COUNT, passage, plain
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from retrieval.answer.support import unsupported


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


@pytest.mark.parametrize(
    ("text", "sentence", "good"),
    [
        ("They counted 19 otters.", "They counted 19k otters.", False),
        ("They counted 19,000 otters.", "They counted 19k otters.", True),
        ("They counted 19k otters.", "They counted 19,000 otters.", True),
        ("They counted 19 otters.", "They counted ㉙ otters.", False),
        ("They counted 29 otters.", "They counted ㉙ otters.", True),
        ("They counted 19 otters.", "They counted 19 % of the otters.", False),
        ("They counted 19 percent of the otters.", "They counted 19 % of the otters.", True),
        ("They counted 5 to 7 percent of the otters.", "They counted at least 5% of the otters.", True),
        ("It cost them 48,000 euros.", "It cost them $48,000.", False),
        ("It cost them 48,000 euros.", "It cost them 48,000 dollars.", False),
        ("It cost them 48,000 euros.", "It cost them €48,000.", True),
        ("It cost them $1.2 million.", "It cost them 1.2m dollars.", True),
        ("It cost them 48,000 euros.", "It cost them half of 48,000 euros.", False),
        ("It cost them 48,000 euros.", "It cost them twice 48,000 euros.", False),
        ("It cost them 50 % of 48,000 euros.", "It cost them half of 48,000 euros.", True),
        ("The cost doubled to 48,000 euros.", "The cost was double, 48,000 euros.", True),
    ],
)
def test_what_numbers_count(text: str, sentence: str, *, good: bool) -> None:
    """The same number of something else, or a multiple of it, is another."""
    assert (unsupported(sentence, [text], [plain(text)], "en") == "") is good


SAID = [
    "Volunteers counted {} otters on the Tarn.",
    "In all, {} otters were counted.",
    "The count of otters on the Tarn took {} days.",
]


@settings(deadline=None)  # the first example reads a list of words
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
