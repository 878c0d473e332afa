"""What the check of a model's quotes keeps and costs: `python tests/figures/quotes.py SETS`.

SETS is a folder of development sets, each with a folder `articles` of text files. From passages of their articles it draws true
quotes that are set in another way, quotes in which one word or number is changed, and quotes from other articles, and prints how
many are found. Then it times the whole check of answers: six sentences that each rest on two of eight passages. It draws the same
each time.
"""

import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from retrieval.answer.folding import normalise
from retrieval.answer.matching import Normalised, find_quote
from retrieval.answer.support import unsupported
from retrieval.passages import Passage

DRAWN = 1000
PASSAGE = 1200  # characters
ANSWERS, PASSAGES, SENTENCES, QUOTES = 300, 8, 6, 2
LEAST, MOST = 4, 40  # words of a quote

WORD = re.compile(r"\S+")
SAYING = re.compile(r"\S*\w\S*")  # a mark behind a quote says nothing, and is forgiven
NUMBER = re.compile(r"\d+")
SENTENCE = re.compile(r"(?<!\S)[^\s#|][^\n|]{30,300}?[.!?](?=\s|$)")


def articles(folder: Path) -> list[str]:
    """Their texts, long enough for a passage, in the order of their names."""
    files = sorted(folder.glob("*/articles/**/*.*")) or sorted(folder.glob("**/*.md"))
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return [text for text in texts if len(text.split()) > 2 * MOST]


def window(text: str, choice: random.Random) -> str:
    """A passage: whole words from anywhere in an article."""
    start = choice.randrange(max(1, len(text) - PASSAGE))
    start = text.find(" ", start) + 1
    return text[start : start + PASSAGE].rsplit(maxsplit=1)[0].strip()


def draw(text: str, choice: random.Random) -> str:
    """A quote: a sentence or some words of a passage that are in a row and long enough to be looked for."""
    sentences = [match.group() for match in SENTENCE.finditer(text)]
    if sentences and choice.random() < 1 / 2:
        return choice.choice(sentences)
    words = list(WORD.finditer(text))
    first = choice.randrange(max(1, len(words) - LEAST))
    last = min(len(words), first + choice.randint(LEAST, MOST)) - 1
    return text[words[first].start() : words[last].end()]


def forgiven(quote: str, choice: random.Random) -> str:
    """The quote as another hand would set it."""
    changes: Sequence[Callable[[str], str]] = (
        lambda words: re.sub(r"\s+", lambda _: choice.choice((" ", "  ", "\n", "\u00a0")), words),
        lambda words: re.sub(r"[\"“”]", choice.choice(('"', "“", "”", "«", "'")), words),
        lambda words: re.sub(r"['‘’]", choice.choice(("'", "’", "‘")), words),
        lambda words: re.sub(r"-+|[–—]", choice.choice(("-", "–", "—", " – ", "--")), words),
        str.upper,
        str.casefold,
        lambda words: re.sub(r"\b(?=\w)", "\u00ad", words, count=3),
    )
    for change in choice.sample(changes, choice.randint(0, 4)):
        quote = change(quote)
    return choice.choice(("{}", "{}", "“{}”", '"{}"', "{} …", "… {} …")).format(quote)


def altered(quote: str, article: str, choice: random.Random) -> str:
    """The quote with one number, or else one word, put in another's place."""
    numbers = list(NUMBER.finditer(quote))
    if numbers and choice.random() < 1 / 2:
        place, new = choice.choice(numbers), ""
        while not new or new == place.group():
            new = str(choice.randrange(10 ** len(place.group())))
    else:
        place, new = choice.choice(list(SAYING.finditer(quote))), ""
        words = SAYING.findall(article)
        while not normalise(new).strip() or normalise(new) == normalise(place.group()):
            new = choice.choice(words)
    return quote[: place.start()] + new + quote[place.end() :]


def drawn(texts: Sequence[str], choice: random.Random) -> Iterator[tuple[str, str, str]]:
    """An article, a passage of it and a quote from that, again and again."""
    while True:
        article = choice.choice(texts)
        passage = window(article, choice)
        quote = draw(passage, choice)
        if find_quote(quote, quote):  # long enough
            yield article, passage, quote


def true_quotes(texts: Sequence[str], choice: random.Random) -> tuple[int, list[str]]:
    """How many are found where they stand, or at an equal place before; and those that are not."""
    missed = []
    for _, (_, passage, quote) in zip(range(DRAWN), drawn(texts, choice), strict=False):
        set_otherwise = forgiven(quote, choice)
        span = find_quote(passage, set_otherwise)
        # Marks put around a quote may stand in the text as well.
        if span is None or normalise(passage[span.start : span.end]).strip(" .") != normalise(quote).strip(" ."):
            missed.append(f"{set_otherwise!r} of {quote!r}")
    return DRAWN - len(missed), missed


def changed_quotes(texts: Sequence[str], choice: random.Random) -> tuple[int, list[str]]:
    """How many are found all the same; one that stands in the passage with the other word too is not drawn."""
    kept = []
    count = 0
    for article, passage, quote in drawn(texts, choice):
        other = altered(quote, article, choice)
        if normalise(other).strip() in normalise(passage):
            print(f"  by chance verbatim: {other!r}")
            continue
        count += 1
        if (span := find_quote(passage, other)) is not None:
            kept.append(f"{other!r} as {passage[span.start : span.end]!r}")
        if count == DRAWN:
            break
    return len(kept), kept


def foreign_quotes(texts: Sequence[str], choice: random.Random) -> tuple[int, list[str]]:
    """How many quotes of other articles are found."""
    kept = []
    for _, (article, _, quote) in zip(range(DRAWN), drawn(texts, choice), strict=False):
        other = choice.choice(
            [text for text in (choice.choice(texts), choice.choice(texts), choice.choice(texts)) if text != article]
        )
        if find_quote(window(other, choice), quote) is not None:
            kept.append(repr(quote))
    return len(kept), kept


def check(passages: Sequence[Passage], units: Sequence[tuple[str, Sequence[tuple[int, str]]]]) -> int:
    """The check of an answer as grounding does it; how many sentences are supported."""
    texts: dict[int, Normalised] = {}
    supported = 0
    for sentence, quotes in units:
        found = []
        for number, quote in quotes:
            text = texts.setdefault(number, Normalised(passages[number].text)) if number not in texts else texts[number]
            if span := text.find(quote):
                found.append((passages[number], passages[number].text[span.start : span.end]))
        supported += bool(found) and not unsupported(sentence, [words for _, words in found], [each for each, _ in found], "en")
    return supported


def timed(texts: Sequence[str], choice: random.Random) -> tuple[list[float], float]:
    """Seconds of each answer's check, with passages that were never seen before; and the share of true sentences supported."""
    taken, supported, numbers = [], 0, iter(drawn(texts, choice))
    for _ in range(ANSWERS):
        made = [next(numbers)[1] for _ in range(PASSAGES)]
        passages = [Passage(str(place), "a", "", text, 0, len(text), 1.0) for place, text in enumerate(made)]
        units = []
        for _ in range(SENTENCES):
            quoted = [(place, draw(made[place], choice)) for place in choice.sample(range(PASSAGES), QUOTES)]
            units.append((quoted[0][1], [(place, forgiven(quote, choice)) for place, quote in quoted]))
        began = time.perf_counter()
        supported += check(passages, units)
        taken.append(time.perf_counter() - began)
    return taken, supported / (ANSWERS * SENTENCES)


def main(folder: Path) -> None:
    """Measure everything and print it, with what went wrong."""
    texts, choice = articles(folder), random.Random(4)
    print(f"{len(texts)} articles")
    figures = (
        (true_quotes, "true quotes"),
        (changed_quotes, "with one word or number changed"),
        (foreign_quotes, "from other articles"),
    )
    for measure, name in figures:
        kept, wrong = measure(texts, choice)
        print(f"of {DRAWN} {name}, kept: {kept}", *wrong[:20], sep="\n  ")
    taken, share = timed(texts, choice)
    ordered = sorted(taken)
    print(
        f"check of an answer of {SENTENCES} sentences with {QUOTES} quotes each from {PASSAGES} passages: median "
        f"{statistics.median(ordered) * 1000:.2f} ms, 95 % below {ordered[int(0.95 * len(ordered))] * 1000:.2f} ms; "
        f"sentences that are quotes, supported: {share:.1%}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
