"""What a model says as people will read it: clean, in sentences, and whole; and which of its quotes belong to a sentence."""

import re
from collections.abc import Sequence

from retrieval.answer.contract import SENTENCE_END
from retrieval.answer.copying import paragraphs
from retrieval.chat.prompts import harmless
from retrieval.library.keywords import stems
from retrieval.passages import Passage, Span

# What a model takes for footnotes; only our own numbers are any.
_NUMBERS = re.compile(r"\s*[\[【]\s*[\d⁰¹²³⁴-⁹]+(?:\s*[,;–-]\s*\d+)*\s*[\]】]|[①-⓿]|(?<=[.!?])[⁰¹²³⁴-⁹]+")
_DOUBLED = re.compile(r"([.!?])\s*\.(?=\s|$)")
# The splitter parts some dates and initials; each part is checked by itself, but they are shown as one sentence.
_GOES_ON = re.compile(r"(?:\b\d{1,2}|\b[^\W\d_])\.$")
_WORD = re.compile(r"[^\W_]+")
_WITH_END_MARKS = re.compile("[A-Za-zÀ-ɏͰ-ϿЀ-ӿ]")

Place = tuple[Passage, Span]


def parts(text: str, language: str) -> list[str]:
    """What a model calls a sentence in the parts that are checked, without what is invisible and what looks like a footnote."""
    from sentencex import segment

    clean = _DOUBLED.sub(r"\1", _NUMBERS.sub("", harmless(text)))
    return [piece for each in segment(language or "en", clean) if any(map(str.isalnum, piece := " ".join(each.split())))]


def sentences(pieces: Sequence[str]) -> list[str]:
    """The parts as the sentences that are shown."""
    shown: list[str] = []
    for piece in pieces:
        if shown and (_GOES_ON.search(shown[-1]) or not piece[0].isupper()):
            shown[-1] += f" {piece}"
        else:
            shown.append(piece)
    return shown


def breaks_off(text: str, found: Sequence[Place]) -> bool:
    """Whether a sentence has no end: neither a mark, in scripts that have them, nor a last word that its paragraphs know."""
    words = _WORD.findall(text.casefold())
    if SENTENCE_END.search(text) or not _WITH_END_MARKS.search(text) or not words:
        return False
    known = " ".join(part for passage, span in found for part in paragraphs(passage.text, span)).casefold()
    return words[-1] not in _WORD.findall(known)


def bearers(text: str, found: Sequence[Place]) -> list[Place]:
    """The quotes that have a word of the sentence in them: one that only stands by gets no number."""
    close = [place for place in found if _shared(text, *place)]
    return close or list(found)


def _shared(text: str, passage: Passage, span: Span) -> bool:
    language = passage.language or "en"
    return bool(set(stems(text, language)) & set(stems(passage.text[span.start : span.end], language)))
