"""How a scripted model reads a prompt of ours: by its fences alone, so that it does not depend on the words around them."""

import re
from dataclasses import dataclass

from chatapi.replies import Messages

FENCE = re.compile(r"^<<([a-z]+(?: [a-z]+)*)(?: (\d+))? (\S+)>>$", re.MULTILINE)
HEAD = re.compile(r"(?:(?:Title|Published): .*(?:\n|\Z))+")
ENDS = re.compile(r"(?<=[.!?…。！？])[\"”’»)]*\s+")
LETTERS = re.compile(r"[^\W_]+")
COMMON_WORDS = """
about after also been does from have here into many more most much only over such than that their them then there these they this
those under very were what when where which while will with would your give tell name long once
aber auch dass dies diese doch eine einem einen einer eines haben hatte kann mehr nach nicht noch oder sich sind über viele warum
wann welche welchem welcher werden wird wurde wurden
avec dans elle pour quel quelle quels quand sont como cuando cual para pero quien sobre
"""
COMMON = frozenset(COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences: "passage" with its number, "question" or what else there is."""

    name: str
    number: int
    text: str


def mark_of(messages: Messages) -> str:
    """The mark of this request: that of the first fence, which stands before anything that a stranger wrote."""
    found = FENCE.search(_asked(messages))
    return found[3] if found else ""


def blocks_of(messages: Messages) -> list[Block]:
    """Everything that stands between our own fences; fences with another mark are part of a text."""
    mark, blocks, open_since = mark_of(messages), list[Block](), None
    asked = _asked(messages)
    for fence in (found for found in FENCE.finditer(asked) if found[3] == mark):
        if fence[1] != "end":
            open_since = fence
        elif open_since:
            text = asked[open_since.end() : fence.start()].strip("\n")
            blocks.append(Block(open_since[1], int(open_since[2] or 0), text))
            open_since = None
    return blocks


def passages_of(messages: Messages) -> list[tuple[int, str, str]]:
    """Number, title and text of each passage."""
    return [(block.number, *_parts(block.text)) for block in blocks_of(messages) if block.name == "passage"]


def question_of(messages: Messages) -> str:
    """The question; the last one if there are earlier turns."""
    return next((block.text.strip() for block in reversed(blocks_of(messages)) if block.name == "question"), "")


def is_rewrite(messages: Messages) -> bool:
    """Whether a question is to be rewritten, not answered."""
    return any(
        message["role"] in {"system", "developer"} and message["content"].startswith("You rewrite") for message in messages
    )


def rewritten(messages: Messages) -> str:
    """The last question with the topic words of the earlier ones, which is what a decent model would say."""
    question = question_of(messages)
    earlier = [block.text for block in blocks_of(messages) if block.name not in {"question", "its answer"}]
    known, words = set(stems(question)), list[str]()
    for stem, word in ((stem, word) for text in reversed(earlier) for stem, word in stems(text).items()):
        if stem not in known:
            known.add(stem)
            words.append(word)
    return f"{question.rstrip('? ')} ({' '.join(words[:6])})?" if words else question


def sentences(text: str) -> list[str]:
    """The sentences of a text, each on one line; tables and single words are none."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[#|\-*>])", text)]
    found = [sentence.strip() for paragraph in paragraphs for sentence in ENDS.split(paragraph)]
    return [sentence for sentence in found if len(sentence.split()) > 3 and not sentence.startswith(("|", "#", "```", "<"))]


def stems(text: str) -> dict[str, str]:
    """The content words of a text by their first five letters, or as numbers."""
    words = [word for word in LETTERS.findall(text) if word[0].isdigit() or (len(word) > 3 and word.lower() not in COMMON)]
    return {word.lower()[:5]: word for word in reversed(words)}


def _asked(messages: Messages) -> str:
    return next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")


def _parts(text: str) -> tuple[str, str]:
    head = HEAD.match(text)
    if not head:
        return "", text
    title = re.match(r"Title: (.*)", text)
    return title[1] if title else "", text[head.end() :].strip("\n")
