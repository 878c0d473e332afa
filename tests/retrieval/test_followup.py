"""What a conversation adds to a question."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import HashEncoder

from retrieval import Turn
from retrieval.search import followup
from retrieval.search.query import Analyst, Query

ANALYST = Analyst(["en"], 0, lambda _: 0)
LIGHT = Turn("Who restored the lighthouse lantern?", "The lantern was restored by Ines Duarte of Penrose Bay.")
REFUSED = Turn("What about zeppelins?", "The articles mention zeppelins nowhere.", abstained=True)


def read(question: str, *history: Turn) -> Query:
    """The query for a question after some turns."""
    return followup.read(question, history, analyst=ANALYST, encoder=HashEncoder())


def test_first_turn_is_untouched() -> None:
    """Without history a query is the question alone."""
    query = read("When did the tram return?")

    assert query.own == query.terms == ANALYST.terms("When did the tram return?")
    assert query.carried == ()
    assert np.array_equal(query.vector, HashEncoder().encode_queries(["When did the tram return?"])[0])


def test_own_terms_keep_their_weight() -> None:
    """A word of the question counts once and fully, although it was said before."""
    query = read("Why was the lantern restored by Penrose?", LIGHT)

    assert query.terms[: len(query.own)] == query.own
    assert all(term.weight == 1 for term in query.own)
    assert len({term.stems for term in query.terms}) == len(query.terms)
    assert {"who", "lighthouse", "ines", "duarte", "bay"} == {term.word for term in query.terms[len(query.own) :]}


def test_follow_up_carries_more() -> None:
    """A question that cannot stand alone carries more of the past than one that can."""
    alone, leaning = read("When did the harbour tram line reopen?", LIGHT), read("When did they reopen that harbour line?", LIGHT)
    weight = {
        word: [term.weight for term in query.terms if term.word == word] for word in ["lighthouse"] for query in (alone, leaning)
    }
    said = HashEncoder().encode_queries([LIGHT.question])[0]

    assert weight == {"lighthouse": [followup.PREVIOUS_QUESTION]}
    assert [term.weight for term in alone.terms if term.word == "lighthouse"] == [
        followup.PREVIOUS_QUESTION * followup.INDEPENDENT
    ]
    assert alone.vector @ said < leaning.vector @ said


def test_refused_answers_are_not_carried() -> None:
    """Of a turn that was not answered only the question is carried."""
    query = read("And why?", LIGHT, REFUSED)

    assert "nowhere" not in {term.word for term in query.terms}
    assert "zeppelins" in {term.word for term in query.terms}


def test_old_turns_are_forgotten() -> None:
    """What lies more turns back than a conversation holds has no effect."""
    turns = [Turn(f"Is there word{number}?", f"There is reply{number}.") for number in range(40)]
    query, recent = read("And why?", *turns), read("And why?", *turns[-followup.MAX_TURNS :])

    assert query.terms == recent.terms
    assert np.array_equal(query.vector, recent.vector)
    assert "word30" not in {term.word for term in query.terms}


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("Who built it and for what price?", True),
        ("What did she say about the harbour council?", True),
        ("And the harbour council of Penrose?", True),
        ("What about the harbour council election?", True),
        ("Why?", True),
        ("Wann hat er den Turm gebaut, in Penrose?", True),
        ("Сколько людей они нашли в старой гавани?", True),
        ("Which council of Penrose repaired the harbour?", False),
        ("Which keeper says it is possible to row to Penrose Bay?", False),
        ("Which log shows that boats were lost near Penrose?", False),
    ],
)
def test_pronouns_and_openers_lean_on_the_past(question: str, *, leans: bool) -> None:
    """Pronouns, openers and very short questions need what was said before; an empty "it" or a relative "that" does not."""
    assert followup.depends(question, ANALYST.terms(question)) is leans


TURNS = st.lists(st.builds(Turn, st.text(max_size=40), st.text(max_size=80), st.booleans()), max_size=8)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40), TURNS)
def test_carried_terms_stay_below_their_cap(question: str, turns: list[Turn]) -> None:
    """Whatever was said, no carried term outweighs the previous question's share, few are shown, and the vector has length 1."""
    query = read(question, *turns)
    carried = query.terms[len(query.own) :]

    assert all(0 < term.weight <= max(followup.PREVIOUS_QUESTION, followup.LAST_ANSWER) for term in carried)
    assert len(query.carried) <= followup.SHOWN_TERMS
    assert np.linalg.norm(query.vector) == pytest.approx(1, abs=1e-3)
