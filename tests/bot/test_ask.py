"""`footnote ask` and `footnote search` on a real library."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from retrieval import REFUSAL, Library

Run = Callable[..., Result]
QUESTION = "How many otters did the census find?"
KEYS = ["question", "standalone", "carried", "passages", "answer", "sentences", "citations", "abstained", "confidence", "seconds"]
KEYS += ["model", "written", "refused", "shortfall", "usage", "dropped"]


def test_answer_has_footnotes(run: Run, library_folder: Path) -> None:
    """In a pipe: one paragraph with marks, then each footnote's quote, title, site, date and link, no colours or wrapping."""
    done = run("ask", *QUESTION.split(), "--data", library_folder)

    paragraph, _, notes = done.stdout.partition("\n\n")
    assert done.exit_code == 0
    assert "27 animals" in paragraph
    assert "\n" not in paragraph
    assert paragraph.endswith("]")
    assert notes.startswith("[1] “")
    assert "    Otters return to the Lenn: what the winter census found · Lenn Valley Naturalist · 2025-02-18\n" in notes
    assert "    https://naturalist.example/lenn-otter-census\n" in notes
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("words", [("-",), ()], ids=["dash", "nothing"])
def test_json_has_the_promised_names(run: Run, library_folder: Path, library: Library, words: tuple[str, ...]) -> None:
    """`--json` prints one object with exactly these keys; quotes are verbatim; the question may come from standard input."""
    done = run("ask", *words, "--json", "--data", library_folder, text=f"{QUESTION}\n")

    answer = json.loads(done.stdout)
    assert KEYS == list(answer)
    assert QUESTION == answer["question"]
    assert {"source", "title", "text", "start", "end", "score"} == set(answer["passages"][0])
    assert {"text", "citations", "supported"} == set(answer["sentences"][0])
    assert (None, False, False, None, None, []) == tuple(
        answer[name] for name in ("model", "written", "refused", "shortfall", "usage", "dropped")
    )
    for citation in answer["citations"]:
        assert {"number", "source", "title", "date", "quote", "start", "end"} == set(citation)
        texts = [library.catalogue.text(number, citation["start"], citation["end"]) for number in range(1, 11)]
        assert citation["quote"] in texts
    assert list(range(1, len(answer["citations"]) + 1)) == [citation["number"] for citation in answer["citations"]]


def test_explained(run: Run, library_folder: Path) -> None:
    """`--explain` says below the answer what was searched for and found; `--json` says it without being asked."""
    plain, explained = (run("ask", QUESTION, *more, "--data", library_folder).stdout for more in ((), ("--explain",)))
    asked = [("--json",), ("--json", "--explain")]
    as_json = [json.loads(run("ask", QUESTION, *more, "--data", library_folder).stdout) for more in asked]

    assert explained.startswith(f"{plain}\nSearched for: {QUESTION}\nPassages:\n1. Otters return to the Lenn")
    assert "\n10. " in explained
    assert "\nChat model: none\nConfidence: 0." in explained
    assert "Not supported" not in explained
    assert "In the words of" not in explained
    for answer in as_json:
        answer.pop("seconds")
    assert as_json[0] == as_json[1]


def test_abstaining_shows_no_footnotes(run: Run, library_folder: Path) -> None:
    """What the articles do not say is refused with exit code 0, and the closest passages do not look like citations."""
    done = run("ask", "Which team won the 1998 football world cup final?", "--data", library_folder)

    assert done.exit_code == 0
    assert done.stdout.startswith(f"{REFUSAL}\n\nThe closest passages:\n- ")
    assert "[1]" not in done.stdout


@pytest.mark.parametrize("question", ["", "  \n ", "a" * 5000], ids=["empty", "blank", "too-long"])
@pytest.mark.parametrize("command", ["ask", "search"])
def test_no_usable_question_is_wrong_use(run: Run, command: str, question: str) -> None:
    """An empty question, or a whole text in its place, is wrong use."""
    assert run(command, question).exit_code == 2


def test_search_ranks_passages(run: Run, library_folder: Path) -> None:
    """`search` prints at most N passages with their number, title and link."""
    done = run("search", QUESTION, "-k", 2, "--data", library_folder)

    assert done.exit_code == 0
    assert done.stdout.startswith("1. Otters return to the Lenn")
    assert "\n2. " in done.stdout
    assert "\n3. " not in done.stdout


def test_search_as_json(run: Run, library_folder: Path) -> None:
    """`search --json` has the question and passages with where they come from, best first."""
    found = json.loads(run("search", QUESTION, "--json", "--data", library_folder).stdout)

    assert ["question", "passages"] == list(found)
    assert ["source", "title", "site", "date", "link", "text", "start", "end", "score"] == list(found["passages"][0])
    scores = [passage["score"] for passage in found["passages"]]
    assert sorted(scores, reverse=True) == scores
