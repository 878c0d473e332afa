"""What a run of ingest embeds when archives are edited: `python tests/figures/edits.py`.

It makes 1,000 articles of the paragraphs of tests/articles and of sentences about things that never were, ingests them with hash
vectors, edits one paragraph in ten (a sentence more, a sentence less, or some words more), and ingests again. It prints how many
chunks hold an edited paragraph, and how many are embedded. It draws the same each time.
"""

import random
import re
import tempfile
import time
from pathlib import Path

from support import open_library
from syncing import run

ARTICLES = 1000
SHORTEST, LONGEST = 5, 40  # paragraphs of an article
EDITED = 0.1  # of the paragraphs
HEADING_EVERY = 12  # paragraphs, on the average
THINGS = [
    "harbour",
    "orchard",
    "lantern",
    "quarry",
    "ferry",
    "choir",
    "mill",
    "signal box",
    "bakery",
    "meadow",
    "archive",
    "kiln",
]
PEOPLE = ["the keeper", "a clerk", "the parish", "her brother", "two surveyors", "the night shift", "nobody"]
DEEDS = ["counted", "painted", "sold", "measured", "forgot", "moved", "praised", "closed", "repaired", "photographed"]
WHENS = ["in the spring of {}", "after the flood of {}", "on a Sunday in {}", "until {}", "long before {}"]
SENTENCE_END = re.compile(r"(?<=[.!?]) ")


def paragraphs_of_articles() -> list[str]:
    """The paragraphs of the articles that are written for the tests."""
    folder = Path(__file__).parent.parent / "articles"
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")) + sorted(folder.glob("*.txt"))]
    parts = [part.strip() for text in texts for part in text.split("\n\n")]
    return [part for part in parts if len(part) > 80 and "\n" not in part and not part.startswith(("#", "|", "-", ">"))]


def sentence(choice: random.Random) -> str:
    """A sentence of 5 to 30 words."""
    clauses = [
        f"{choice.choice(PEOPLE)} {choice.choice(DEEDS)} the {choice.choice(THINGS)} "
        f"{choice.choice(WHENS).format(choice.randint(1700, 2020))}"
        for _ in range(choice.choice([1, 1, 1, 2, 2, 3]))
    ]
    words = ", and ".join(clauses)
    return f"{words[0].upper()}{words[1:]}."


def paragraph(choice: random.Random, written: list[str]) -> str:
    """One that was written, or one that is made."""
    if choice.random() < 0.1:
        return choice.choice(written)
    return " ".join(sentence(choice) for _ in range(choice.randint(2, 12)))


def article(choice: random.Random, written: list[str], number: int) -> list[str]:
    """The blocks of an article: its title, paragraphs, and now and then a heading."""
    blocks = [f"# The {choice.choice(THINGS)} papers, part {number}"]
    for _ in range(choice.randint(SHORTEST, LONGEST)):
        if choice.random() < 1 / HEADING_EVERY:
            blocks.append(f"## Of the {choice.choice(THINGS)} and the {choice.choice(THINGS)}")
        blocks.append(paragraph(choice, written))
    return blocks


def edited(block: str, choice: random.Random) -> str:
    """A paragraph as somebody has corrected it."""
    sentences = SENTENCE_END.split(block)
    at = choice.randrange(len(sentences))
    how = choice.random()
    if how < 0.4:
        sentences.insert(at, sentence(choice))
    elif how < 0.7 and len(sentences) > 1:
        del sentences[at]
    else:
        sentences[at] = f"{sentences[at].rstrip('.')}, or so it is said on the quay."
    return " ".join(sentences)


def edit(path: Path, blocks: list[str], choice: random.Random) -> list[tuple[int, int]]:
    """Edit an article's file; where the edited paragraphs are now, as spans of its text."""
    spans, at, after = [], 0, []
    for block in blocks:
        change = not block.startswith("#") and choice.random() < EDITED
        after.append(edited(block, choice) if change else block)
        if change:
            spans.append((at, at + len(after[-1])))
        at += len(after[-1]) + len("\n\n")
    path.write_text("\n\n".join(after), encoding="utf-8")
    return spans


def main() -> None:
    """Make, ingest, edit, ingest, and print the figures."""
    choice, written = random.Random(5), paragraphs_of_articles()
    with tempfile.TemporaryDirectory() as name, open_library(Path(name) / "library") as library:
        folder = Path(name).resolve() / "articles"
        folder.mkdir()
        made = {folder / f"{number:04}.md": article(choice, written, number) for number in range(ARTICLES)}
        for path, blocks in made.items():
            path.write_text("\n\n".join(blocks), encoding="utf-8")
        first = run(library, folder)
        spans = {str(path): edit(path, blocks, choice) for path, blocks in made.items()}
        started = time.monotonic()
        second = run(library, folder)
        seconds = time.monotonic() - started
        chunks = library.catalogue.chunks(library.catalogue.live_ids()).values()
        holding = sum(any(part.start < end and start < part.end for start, end in spans[part.source]) for part in chunks)
    paragraphs = sum(map(len, spans.values()))
    print(f"{ARTICLES} articles, {first.chunks} chunks; {paragraphs} paragraphs edited in {len(second.updated)} articles")
    print(f"chunks that hold an edited paragraph {holding}, chunks embedded {second.embedded} ({second.embedded / holding:.2f})")
    print(f"the second run took {seconds:.0f} s with hash vectors")


if __name__ == "__main__":
    main()
