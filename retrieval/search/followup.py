"""A question in a conversation: a little of what was said before is carried into the search, never glued on ("soft carry")."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retrieval.embedding import Encoder
from retrieval.passages import Turn
from retrieval.search.query import Analyst, Query, Term

# Fitted on multi-turn development questions: more of the past loses as much on a change of topic as it wins on a follow-up.
PREVIOUS_QUESTION = 0.3
OLDER_QUESTION = 0.2
AGEING = 0.6
LAST_ANSWER = 0.2
ANSWER_TERMS = 8
DENSE = 0.2
INDEPENDENT = 0.5
MAX_TURNS = 5
SHOWN_TERMS = 3

_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|ones?|er|sie|es|ihn|ihm|ihr|dies\w*|il|elle|ils|elles|"
    r"él|ella|ellos|eso|esto|он|она|оно|они|его|её|их|это)\b",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\bit (?:is|was) (?:possible|true|known|likely)\b|\b\w+ that\b(?= \w+ (?:is|are|was|were|has|have|had|can|will)\b)",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^\W*(?:and|but|so|or|then|also|what about|how about|what else|tell me more|more|ok|okay|yes|no|"
    r"und|aber|et|mais|y|pero|а|и|но)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"^\W*why\b", re.IGNORECASE)
_SHORT = 2


def read(question: str, history: Sequence[Turn], *, analyst: Analyst, encoder: Encoder) -> Query:
    """The query for a question after the turns before it, oldest first."""
    own = analyst.terms(question)
    turns = list(history)[-MAX_TURNS:]
    if not turns:
        return Query(question, own, own, encoder.encode_queries([question])[0])
    strength = 1.0 if depends(question, own) else INDEPENDENT
    extra = _carried_terms(own, turns, strength, analyst)
    last = turns[-1]
    texts = [question, last.question, *([] if last.abstained else [last.answer])]
    vectors = encoder.encode_queries(texts)
    vector = vectors[0] + DENSE * strength * vectors[1:].sum(axis=0)
    shown = (
        [term.word for term in sorted(extra, key=lambda term: -term.rarity * term.weight)[:SHOWN_TERMS]]
        if strength == 1.0
        else []
    )
    return Query(question, own, (*own, *extra), vector / np.linalg.norm(vector), tuple(shown))


def depends(question: str, own: Sequence[Term]) -> bool:
    """Whether what was said before is likely to help; a "why" often goes on from it, though it can be understood."""
    return bool(_WHY.search(question)) or not stands_alone(question, own)


def stands_alone(question: str, own: Sequence[Term]) -> bool:
    """Whether a question can be understood without what was said before."""
    return len(own) > _SHORT and not (_PRONOUN.search(_EMPTY_IT.sub(" ", question)) or _OPENER.search(question))


def _carried_terms(own: Sequence[Term], turns: Sequence[Turn], strength: float, analyst: Analyst) -> list[Term]:
    """Terms of earlier turns that the question does not have, each with the largest weight it earns."""
    weighted: dict[tuple[str, ...], Term] = {}

    def carry(terms: Sequence[Term], weight: float) -> None:
        for term in terms:
            if term.stems not in weighted or weighted[term.stems].weight < weight:
                weighted[term.stems] = replace(term, weight=weight)

    for age, turn in enumerate(reversed(turns)):
        carry(analyst.terms(turn.question), strength * (PREVIOUS_QUESTION if age == 0 else OLDER_QUESTION * AGEING ** (age - 1)))
    if not turns[-1].abstained:
        carry(_telling_terms(turns[-1].answer, analyst), strength * LAST_ANSWER)
    present = {term.stems for term in own}
    return [term for stems, term in weighted.items() if stems not in present]


def _telling_terms(answer: str, analyst: Analyst) -> list[Term]:
    """The few terms of an answer that tell most: rare ones, and those it repeats."""
    lowered = answer.lower()
    terms = analyst.terms(answer)
    return sorted(terms, key=lambda term: -term.rarity * min(3, lowered.count(term.word)))[:ANSWER_TERMS]
