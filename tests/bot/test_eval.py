"""`footnote eval`: files of questions."""

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from bot.evaluation import evaluate
from bot.questions import Asked, read_questions
from bot.results import complete, part_of, results_writer
from retrieval import REFUSAL, Answer, AnswerSentence, Citation, QuestionsError, Turn
from retrieval.chain import Question

Run = Callable[..., Result]


class Chain:
    """Cites twice what it is asked, says nothing to an empty question, and fails when asked to."""

    def __init__(self) -> None:
        self.retriever, self.library = self, nullcontext()

    def invoke(self, question: Question, /) -> Answer:
        """Answer in one second for each word; or fail, or be interrupted."""
        words = question["question"]
        if words == "interrupt":
            raise KeyboardInterrupt
        if words == "fail":
            message = "as asked"
            raise ValueError(message)
        sentences = (AnswerSentence(words, (1, 2)),) if words else ()
        citations = tuple(Citation(number, "s", "t", words, 0, len(words)) for number in (1, 2)) if words else ()
        return Answer(words, words, (), sentences, citations, confidence=0.5, seconds=len(words.split()))


def test_results_are_written_as_promised(run: Run, library_folder: Path, tmp_path: Path) -> None:
    """Each question gives a line with its id and the names of `ask --json`; follow-ups are understood; a summary is printed."""
    history = [{"question": "Who counted the otters on the river Lenn?", "answer": "64 volunteers."}]
    asked = [
        {"id": "a", "question": "Which flour rose fastest?", "history": []},
        {"id": 2, "question": "How many?", "history": history},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, asked)) + "\n\n", encoding="utf-8")

    done = run("eval", "q.jsonl", "--out", "r.jsonl", "--data", library_folder)

    results = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (0, ["a", 2]) == (done.exit_code, [result["id"] for result in results])
    assert list(results[0])[:3] == ["id", "question", "standalone"]
    assert "How many? (" in results[1]["standalone"]
    assert all(result["seconds"] > 0 for result in results)
    assert "abstained" in done.stdout
    assert "Written to r.jsonl" in done.stdout


def test_one_bad_question_does_not_end_the_run() -> None:
    """A question that fails is in the summary, and the others are answered and written at once."""
    written: list[dict[str, Any]] = []
    asked = [Asked(number, words, ()) for number, words in enumerate(["fail", "one", "", "one two three"])]

    summary = evaluate(asked, chain=Chain(), write=written.append, notify=lambda: None)

    assert [1, 2, 3] == [record["id"] for record in written]
    assert (2, 1, ((0, "ValueError: as asked"),)) == (summary.answered, summary.abstained, summary.failed)
    assert (1, 1, 2) == (summary.p50, summary.p95, summary.citations)


def test_failed_questions_fail_the_command(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command prints why a question failed and ends with 1; the JSON summary says the same."""
    chain = Chain()
    monkeypatch.setattr("bot.commands.evaluate.open_chain", lambda _: chain)
    (tmp_path / "q.jsonl").write_text('{"id": 7, "question": "fail"}')

    done = run("eval", "q.jsonl", "--out", "r.jsonl", "--json")

    assert done.exit_code == 1
    assert [{"id": 7, "reason": "ValueError: as asked"}] == json.loads(done.stdout)["failed"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"id": 1, "question": "Why?"}\n{"id": 2,', "Line 2 of q.jsonl is not JSON: "),
        (b'{"question": "Why?"}', "Line 1 of q.jsonl has no id."),
        (b"[]", "Line 1 of q.jsonl has no id."),
        (b'{"id": 1}', "Line 1 of q.jsonl has no question"),
        (b'{"id": 1, "question": "Why?", "history": ["Who?"]}', "Line 1 of q.jsonl has a history in which"),
        (b"\xff\xfe", "The questions in q.jsonl are not UTF-8 text."),
        (None, "The questions in q.jsonl cannot be read: No such file or directory."),
    ],
    ids=["cut", "no-id", "no-object", "no-question", "bad-turn", "bytes", "missing"],
)
def test_bad_file_is_one_sentence(run: Run, tmp_path: Path, content: bytes | None, told: str) -> None:
    """A file that cannot be used is refused before any work, with the line at fault."""
    if content is not None:
        (tmp_path / "q.jsonl").write_bytes(content)

    done = run("eval", "q.jsonl", "--out", "r.jsonl")

    assert (1, "", 1) == (done.exit_code, done.stdout, done.stderr.count("\n"))
    assert told in done.stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_earlier_results_outlive_a_run_that_cannot_begin(run: Run, tmp_path: Path) -> None:
    """Without a library the results of an earlier run, whole or in part, stay as they are."""
    (tmp_path / "q.jsonl").write_text('{"id": 1, "question": "Why?"}')
    for name in ("r.jsonl", "r.jsonl.part"):
        (tmp_path / name).write_text("earlier")

    done = run("eval", "q.jsonl", "--out", "r.jsonl", "--data", "nosuch")

    assert done.exit_code == 1
    assert {"earlier"} == {(tmp_path / name).read_text() for name in ("r.jsonl", "r.jsonl.part")}


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
def test_interrupted_run_keeps_both(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Ctrl-C leaves the earlier results, keeps the new ones beside them and says where, with the summary and exit code 1."""
    chain = Chain()
    monkeypatch.setattr("bot.commands.evaluate.open_chain", lambda _: chain)
    asked = [{"id": number, "question": words} for number, words in enumerate(["one", "interrupt", "two"])]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, asked)))
    (tmp_path / "r.jsonl").write_text("earlier")

    done = run("eval", "q.jsonl", "--out", "r.jsonl", *words)

    assert done.exit_code == 1
    assert "earlier" == (tmp_path / "r.jsonl").read_text()
    assert [0] == [json.loads(line)["id"] for line in (tmp_path / "r.jsonl.part").read_text().splitlines()]
    if words:
        summary = json.loads(done.stdout)
        assert (1, True, "r.jsonl.part") == (summary["answered"], summary["interrupted"], summary["out"])
    else:
        assert "Answered 1, abstained 0, failed 0" in done.stdout
        assert "Stopped before the end. What was answered is in r.jsonl.part" in done.stdout


def test_results_are_whole_or_not_there(tmp_path: Path) -> None:
    """Each line is in the part at once; the file a link points to is replaced when all are written, and the link stays."""
    (tmp_path / "old.jsonl").write_text("earlier")
    out = tmp_path / "r.jsonl"
    out.symlink_to(tmp_path / "old.jsonl")

    with results_writer(out) as write:
        write({"id": 1})
        assert '{"id": 1}\n' == (tmp_path / "old.jsonl.part").read_text()
        assert "earlier" == out.read_text()
    complete(out)

    assert '{"id": 1}\n' == (tmp_path / "old.jsonl").read_text()
    assert ["old.jsonl", "r.jsonl"] == sorted(each.name for each in tmp_path.iterdir())
    assert out.is_symlink()


def test_device_takes_results_as_they_come() -> None:
    """A device is written to and never replaced."""
    assert Path(os.devnull) == part_of(Path(os.devnull))


def test_progress_is_told_in_a_pipe(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no bar can be shown, a line on the error stream tells now and then how far it is."""
    chain = Chain()
    monkeypatch.setattr("bot.commands.evaluate.open_chain", lambda _: chain)
    monkeypatch.setattr("bot.commands.evaluate.SECONDS_BETWEEN_LINES", 0)
    (tmp_path / "q.jsonl").write_text('{"id": 1, "question": "one"}\n{"id": 2, "question": "two"}')

    done = run("eval", "q.jsonl", "--out", "r.jsonl")

    assert "1 of 2 questions\n2 of 2 questions\n" == done.stderr


@pytest.mark.parametrize("out", ["q.jsonl", "q", ".", "missing/r.jsonl"])
def test_results_that_cannot_be_written(run: Run, tmp_path: Path, out: str) -> None:
    """The questions are never written over, and a place that cannot be written to is named before any work."""
    (tmp_path / "q.jsonl").write_text('{"id": 1, "question": "Why?"}')
    (tmp_path / "q.part").symlink_to(tmp_path / "q.jsonl")

    done = run("eval", "q.jsonl", "--out", out)

    assert done.exit_code == 1
    assert "Name another file with --out." in done.stderr
    assert (tmp_path / "q.jsonl").read_text()


def test_history_becomes_turns(tmp_path: Path) -> None:
    """A turn that was refused, or has no answer, counts as abstained; a mark at the file's start does no harm."""
    history = [{"question": "A?", "answer": "B."}, {"question": "C?", "answer": REFUSAL}, {"question": "D?"}]
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps({"id": 1, "question": "E?", "history": history}), encoding="utf-8-sig")

    asked = read_questions(path)

    assert [Asked(1, "E?", (Turn("A?", "B."), Turn("C?", REFUSAL, abstained=True), Turn("D?", "", abstained=True)))] == asked


def test_questions_error_carries_help(tmp_path: Path) -> None:
    """The error shows what a line has to look like."""
    (tmp_path / "q.jsonl").write_text("?")

    with pytest.raises(QuestionsError) as caught:
        read_questions(tmp_path / "q.jsonl")

    assert '{"id": …' in caught.value.help
