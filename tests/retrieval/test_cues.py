"""What a question asks for."""

import pytest

from retrieval.search.cues import Asked, asked_for, is_open, offers


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did the line reopen?", Asked.TIME),
        ("In what year was it built?", Asked.TIME),
        ("Wann wurde die Linie eröffnet?", Asked.TIME),
        ("¿En qué año se construyó?", Asked.TIME),
        ("Когда построили маяк?", Asked.TIME),
        ("How many otters were counted?", Asked.NUMBER),
        ("What percentage of seeds sprouted?", Asked.NUMBER),
        ("Wie viele Bäume stehen dort?", Asked.NUMBER),
        ("Combien de passagers ?", Asked.NUMBER),
        ("Сколько стоит билет?", Asked.NUMBER),
        ("Who keeps the lighthouse?", Asked.NAME),
        ("Wo stehen die Bienen?", Asked.NAME),
        ("Où est la bibliothèque ?", Asked.NAME),
        ("¿Quiénes cantan en el autobús?", Asked.NAME),
        ("Why does the dough rise?", Asked.REASON),
        ("Warum steht die Uhr still?", Asked.REASON),
        ("Pourquoi le chœur chante-t-il ?", Asked.REASON),
        ("Tell me about the comet.", Asked.OTHER),
        ("", Asked.OTHER),
    ],
)
def test_first_cue_decides(question: str, kind: Asked) -> None:
    """The first question word says what is asked for."""
    assert asked_for(question) is kind


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("Why does the dough rise?", True),
        ("Please explain the census.", True),
        ("Wie arbeitet die Uhr?", True),
        ("Comment fait-on le pain ?", True),
        ("How many otters were counted?", False),
        ("Who keeps the lighthouse?", False),
        ("", False),
    ],
)
def test_open_questions_want_more_than_a_sentence(question: str, *, wants: bool) -> None:
    """How and why want an explanation, a count or a name does not."""
    assert is_open(question) is wants


@pytest.mark.parametrize(
    ("sentence", "question", "more"),
    [
        ("It opened in May 1987.", "When did it open?", "It opened late."),
        ("They counted 23 otters.", "How many otters?", "They counted otters."),
        ("The keeper was Ines Duarte.", "Who was the keeper?", "The keeper was old."),
        ("It rose because the room was warm.", "Why did it rise?", "It rose."),
    ],
)
def test_sentences_offer_what_is_asked_for(sentence: str, question: str, more: str) -> None:
    """A sentence with a thing of the kind offers more than one without, never more than 1."""
    kind = asked_for(question)

    assert 0 <= offers(more, kind, question) < offers(sentence, kind, question) <= 1


def test_what_the_question_says_is_no_offer() -> None:
    """A name or year that the question has itself is not what it asks for."""
    assert offers("In 1987 it rained.", Asked.TIME, "When after 1987 did it open?") == 0
    assert offers("They met Ines there.", Asked.NAME, "Who met Ines?") == 0
