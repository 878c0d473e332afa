"""Scripted models, functions of the prompt: an honest one, those that make one kind of fault each, and one that mixes them.

    ChatServer(honest)  ChatServer(altered_quotes)  ChatServer(partial(broken_form, kind="json"))  ChatServer(sometimes(7))

The one that obeys articles is in `chatapi.obedient`.
"""

import functools
import json
import math
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chatapi.prompt import is_rewrite, passages_of, question_of, rewritten, sentences, stems
from chatapi.replies import Messages

REFUSAL = "The articles do not say."  # the contract's, spelt out: a model does not import our code
OPENERS = {"en": "According to the passages, ", "de": "In den Artikeln steht: "}
GERMAN = re.compile(r"\b(?:der|die|das|wer|wie|was|wo|wann|warum|welche[rs]?|wird|wurde|ist|sind|und|eine?)\b", re.IGNORECASE)
SMALL_WORDS = "the a an in on at it its they there this these those when since after before by for from of to most about"
SMALL = frozenset(SMALL_WORDS.split())
FOREIGN = "Snow fell on the empty stadium for eleven days in a row."
FORMS = ("json", "list", "half")

Passages = Sequence[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence of an answer with the quotes it rests on: numbers of passages and words."""

    quotes: tuple[tuple[int, str], ...]
    sentence: str


Fault = Callable[[Unit, Passages], Unit]
Model = Callable[[Messages], str]


def units_of(messages: Messages, most: int = 3) -> list[Unit]:
    """The one to three sentences of the passages that share most with the question; none if none shares anything."""
    question, passages = question_of(messages), passages_of(messages)
    wanted = set(stems(question))
    found = [(number, title, sentence) for number, title, text in passages for sentence in sentences(text)]
    held = [wanted & set(stems(sentence)) for _, _, sentence in found]
    spread = Counter(stem for each in held for stem in each)

    def score(place: int) -> float:
        number, title, _ = found[place]
        own = sum(math.log(1 + len(found) / spread[stem]) for stem in held[place])
        return own + 0.3 * len(wanted & set(stems(title))) + 0.1 / number if held[place] else 0.0

    ranked = sorted(range(len(found)), key=score, reverse=True)[:most]
    chosen = [place for place in ranked if score(place) > 0 and score(place) >= 0.6 * score(ranked[0])]
    return [Unit(((found[place][0], found[place][2]),), _paraphrase(found[place][2], question)) for place in chosen]


def written(units: Sequence[Unit]) -> str:
    """Units as the contract has them, or the refusal."""
    blocks = [
        "\n".join([*(f"QUOTE {number}: {words}" for number, words in unit.quotes), f"SENTENCE: {unit.sentence}"])
        for unit in units
    ]
    return "\n\n".join(blocks) or REFUSAL


def honest(messages: Messages) -> str:
    """Answers from the passages, in the contract; refuses if they share no word with the question; rewrites when it is to."""
    return rewritten(messages) if is_rewrite(messages) else written(units_of(messages))


def _faulty(fault: Fault) -> Model:
    @functools.wraps(fault)
    def model(messages: Messages) -> str:
        if is_rewrite(messages):
            return rewritten(messages)
        passages = passages_of(messages)
        return written([fault(unit, passages) for unit in units_of(messages)])

    return model


def change_quote(unit: Unit, passages: Passages) -> Unit:
    """One word of each quote is another."""
    return replace(unit, quotes=tuple((number, _changed(words)) for number, words in unit.quotes))


def invent_number(unit: Unit, passages: Passages) -> Unit:
    """The sentence has a number that stands nowhere."""
    said = " ".join(text for _, _, text in passages)
    number = next(number for number in range(4711, 9999) if str(number) not in said)
    return replace(unit, sentence=f"{_bare(unit.sentence)}, {number} times in all.")


def invent_name(unit: Unit, passages: Passages) -> Unit:
    """The sentence names somebody whom no passage knows."""
    return replace(unit, sentence=f"{_bare(unit.sentence)}, as Rosalind Thackeray of Wexcombe has said.")


def swap_passage(unit: Unit, passages: Passages) -> Unit:
    """The quotes are true, but of other passages than those that are named; of none, if there is no other."""
    quotes = []
    for _, words in unit.quotes:
        others = [number for number, _, text in passages if words not in " ".join(text.split())]
        quotes.append((others[0] if others else len(passages) + 1, words))
    return replace(unit, quotes=tuple(quotes))


def add_link(unit: Unit, passages: Passages) -> Unit:
    """The sentence has a link that nobody asked for."""
    return replace(unit, sentence=f"{_bare(unit.sentence)} ([more](https://more.example/read)).")


def quote_elsewhere(unit: Unit, passages: Passages) -> Unit:
    """The quotes are from no article at all."""
    return replace(unit, quotes=tuple((number, FOREIGN) for number, _ in unit.quotes))


def leave_quotes(unit: Unit, passages: Passages) -> Unit:
    """The sentence has no quote."""
    return replace(unit, quotes=())


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (change_quote, invent_number, invent_name, swap_passage, add_link, quote_elsewhere, leave_quotes)
}
altered_quotes = _faulty(change_quote)
invented_numbers = _faulty(invent_number)
invented_names = _faulty(invent_name)
wrong_passage_numbers = _faulty(swap_passage)
with_links = _faulty(add_link)
foreign_quotes = _faulty(quote_elsewhere)


def no_citations(messages: Messages) -> str:
    """Plain prose, true but without the contract."""
    return rewritten(messages) if is_rewrite(messages) else " ".join(unit.sentence for unit in units_of(messages)) or REFUSAL


def broken_form(messages: Messages, *, kind: str = "json") -> str:
    """The right content in another form: "json", a Markdown "list", or the contract with "half" of each line."""
    units = units_of(messages)
    if is_rewrite(messages) or not units:
        return honest(messages)
    if kind == "json":
        return json.dumps([{"quotes": unit.quotes, "sentence": unit.sentence} for unit in units])
    if kind == "list":
        return "\n".join(f"- {unit.sentence} [{unit.quotes[0][0]}]" for unit in units)
    assert kind == "half"
    return "\n".join(line[: len(line) // 2] for line in written(units).splitlines())


class Mixed:
    """A model that is honest in some sentences and not in others; `said` lists each with its fault, or "" if it is true."""

    def __init__(self, seed: int, share: float) -> None:
        self.said: list[tuple[str, Unit]] = []
        self._seed, self._share, self._lock = seed, share, threading.Lock()

    def __call__(self, messages: Messages) -> str:
        """Answer."""
        if is_rewrite(messages):
            return rewritten(messages)
        # the same question has the same answer, in whichever order and thread it is asked
        chance, passages, units = random.Random(f"{self._seed} {question_of(messages)}"), passages_of(messages), list[Unit]()
        for unit in units_of(messages):
            name = chance.choice(list(FAULTS)) if chance.random() < self._share else ""
            units.append(FAULTS[name](unit, passages) if name else unit)
            with self._lock:
                self.said.append((name, units[-1]))
        return written(units)


def sometimes(seed: int, share: float = 0.5) -> Mixed:
    """A model of which a share of the sentences has a fault, of kinds drawn at random."""
    return Mixed(seed, share)


def _paraphrase(sentence: str, question: str) -> str:
    first, _, rest = sentence.partition(" ")
    if GERMAN.search(question):
        return OPENERS["de"] + sentence
    return OPENERS["en"] + (f"{first.lower()} {rest}" if first.lower() in SMALL else sentence)


def _changed(words: str) -> str:
    parts = words.split()
    longest = max(range(len(parts)), key=lambda place: len(parts[place]))
    parts[longest] = "marmalade" if "marmalade" not in parts[longest] else "porcelain"
    return " ".join(parts)


def _bare(sentence: str) -> str:
    return sentence.rstrip('.!?…”" ')
