"""A library is made anew beside the one that answers, and nothing is lost or asked in vain on the way."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import time
from collections import namedtuple
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
import rebuilding
from rebuilding import COUNT, SizedEncoder, article_ids, ask, ask_until, contents, fill, rebuilt
from support import SilentEncoder, assert_agreement, found_by_word, open_library, put
from writers import NamedEncoder, rebuild_until_killed

from ingest.rebuild import rebuild_library
from retrieval import AnswerSentence, ArticleRetriever, LibraryError, ModelMismatch, Servers
from retrieval.answer.contract import Quoted, Unit
from retrieval.answer.grounding import Footnotes
from retrieval.library import locks

TRIALS = 5


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes that have the heavy imports behind them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["rebuilding", "writers"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(rebuilding.__file__).parent))
        forkserver.ensure_running()
    return context


class NeverEncoder(SizedEncoder):
    """Fails the test that embeds any chunk."""

    encode_chunks = SilentEncoder.encode_chunks


def test_the_same_model_embeds_nothing(tmp_path: Path, places: Servers) -> None:
    """A rebuild with the same model lives on the kept vectors, and articles keep their ids, times, spans and feeds."""
    fill(tmp_path, places)
    with open_library(tmp_path, SizedEncoder(), places) as library:
        library.refresh()
        before, uid = contents(library), library.catalogue.state().uid
        report = rebuilt(library, NeverEncoder())

        assert (report.articles, report.chunks, report.embedded, report.interrupted) == (COUNT, 2 * COUNT, 0, False)
        library.refresh()
        assert before == contents(library)
        assert library.edition.number == 1
        assert library.catalogue.state().uid != uid
        assert library.catalogue.origins.members("feed") == {"harbour1": True, "harbour2": True}
        assert_agreement(library)
        assert library.status().agree
        put(library, "new", "A new harbour.")
        assert article_ids(library)["new"] == COUNT + 2


def test_another_model_is_taken_beside_a_process_that_asks(processes: ForkServerContext, tmp_path: Path, places: Servers) -> None:
    """While the library is rebuilt with a model of another dimension every question of a running process is answered."""
    fill(tmp_path, places)
    begun, ended = processes.Event(), processes.Event()
    reader = processes.Process(target=ask_until, args=(tmp_path, begun, ended, places))
    reader.start()
    assert begun.wait(60)
    with open_library(tmp_path, SizedEncoder("hash-16"), places) as library:
        report = rebuilt(library, SizedEncoder("hash-16"))
        with library.writing():  # what was behind is removed while the other one still asks
            put(library, "new", "A new harbour.")
            library.catch_up(purge=True)
        ended.set()
        reader.join(60)

        assert report.embedded == 2 * COUNT
        assert reader.exitcode == 0
        assert library.vectors.dimension == 16
        assert_agreement(library)
    with open_library(tmp_path, SizedEncoder(), places) as library, pytest.raises(ModelMismatch, match="footnote rebuild"):
        library.check_model_name()


# Some of what a question calls, one after the other: a rebuild may end after each.
MOMENTS = ("editions.is_current", "catalogue.model", "catalogue.vector_keys")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_question_asked_while_editions_switch_is_answered(
    moment: str, tmp_path: Path, places: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild with another model that ends in the midst of a question leaves it neither refused nor without its passage."""
    fill(tmp_path, places)
    with (
        open_library(tmp_path, SizedEncoder(), places) as reader,
        open_library(tmp_path, SizedEncoder("hash-16"), places) as library,
    ):
        part, name = moment.split(".")
        called = getattr(getattr(reader, part), name)

        def switch(*arguments: object) -> object:
            result = called(*arguments)
            monkeypatch.undo()
            rebuilt(library, SizedEncoder("hash-16"))
            return result

        monkeypatch.setattr(getattr(reader, part), name, switch)
        ask(ArticleRetriever(library=reader), 3)

        assert reader.refresh()
        assert (reader.edition.number, reader.encoder.name) == (1, "hash-16")


def test_an_answer_outlives_a_rebuild(tmp_path: Path) -> None:
    """What a model has begun to write goes on being checked when the library it was begun with is gone from the disk."""
    fill(tmp_path, Servers())
    with open_library(tmp_path, SizedEncoder()) as library, open_library(tmp_path, SizedEncoder()) as reader:
        retriever = ArticleRetriever(library=reader)
        passages = retriever.passages(retriever.find("When did harbour3 freeze?"), 5)
        footnotes = Footnotes("When did harbour3 freeze?", passages, reader)
        number = next(number for number, passage in enumerate(passages, 1) if "Harbour3 froze" in passage.text)
        rebuilt(library, NeverEncoder())
        with library.writing():
            pass
        ask(retriever, 1)  # as another thread does

        unit = Unit("Harbour3 froze.", (Quoted(number, "Harbour3 froze."),))
        assert [type(checked) for checked in footnotes.check(unit)] == [AnswerSentence]


def test_killed_rebuilds_leave_a_whole_library(processes: ForkServerContext, tmp_path: Path) -> None:
    """After SIGKILL at any moment the library holds every article under its id, all agrees, and a rebuild comes to its end."""
    fill(tmp_path, Servers())
    chance, models = random.Random(5), set()
    for trial in range(TRIALS):
        process = processes.Process(target=rebuild_until_killed, args=(tmp_path, trial, Servers()))
        process.start()
        time.sleep(chance.uniform(0.05, 0.6))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with open_library(tmp_path, NamedEncoder()) as library:
            model = library.catalogue.model()
            library.encoder = NamedEncoder(model.name)
            models.add(model.name)
            library.refresh()
            assert_agreement(library)
            assert [record.chunks for record in library.articles()] == [2] * COUNT
            assert article_ids(library) == {f"harbour{number}": number + 1 for number in range(COUNT)}
            assert found_by_word(library, "harbour3") == {"harbour3"}
    with open_library(tmp_path, SizedEncoder("hash-8")) as library:
        assert not rebuilt(library, SizedEncoder("hash-8")).interrupted
    with open_library(tmp_path, SizedEncoder("hash-8")) as library:
        with library.writing():
            pass
        assert_agreement(library)
        assert [path.name for path in (tmp_path / "editions").iterdir()] == [str(library.edition.number)]


def test_a_stopped_rebuild_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild that is stopped leaves the library as it was, and the next embeds only what is still to do."""
    monkeypatch.setattr("ingest.rebuild.GATHER", 4)
    monkeypatch.setattr("ingest.writer.BATCH", 3)
    fill(tmp_path, Servers())
    first, second = SizedEncoder("hash-16"), SizedEncoder("hash-16")
    with open_library(tmp_path, SizedEncoder()) as library:
        report = rebuilt(library, first, stopped=lambda: len(first.embedded) >= 6)
        assert report.interrupted
        assert library.refresh()
        assert library.catalogue.model().name == "hash-32"
        assert_agreement(library)
        put(library, "harbour1", "Harbour1 thawed.")
        library.remove("harbour7")
        library.catch_up()
        assert not rebuilt(library, second).interrupted
        library.refresh()
        assert_agreement(library)
        assert 6 <= len(first.embedded) <= 8
        assert len(first.embedded + second.embedded) == 2 * COUNT - 2 + 1  # two of what was removed, one of what was edited
        assert found_by_word(library, "thawed") == {"harbour1"}
        assert "harbour7" not in library.catalogue.digests()


def test_changes_of_others_are_not_lost(tmp_path: Path, places: Servers) -> None:
    """What somebody else puts, moves and removes while the new edition is built is in it, or it is built on."""
    fill(tmp_path, places)
    changes = iter([lambda other: put(other, "late", "The late lantern."), lambda other: other.remove("harbour0")])
    with open_library(tmp_path, SizedEncoder(), places) as library, open_library(tmp_path, SizedEncoder(), places) as other:

        def meddle(progress: object) -> None:
            change = next(changes, None)
            if change:
                change(other)

        rebuild_library(library, NeverEncoder(), notify=meddle, stopped=lambda: False)
        library.refresh()

        assert library.edition.number == 1
        assert found_by_word(library, "lantern") == {"late"}
        assert found_by_word(library, "harbour0") == set()
        assert_agreement(library)


def test_what_another_model_has_begun_is_begun_anew(tmp_path: Path) -> None:
    """The remains of a rebuild with another model go."""
    fill(tmp_path, Servers())
    with open_library(tmp_path, SizedEncoder()) as library:
        for name in ("hash-16", "hash-8"):
            encoder = SizedEncoder(name)
            assert rebuilt(library, encoder, stopped=lambda encoder=encoder: bool(encoder.embedded)).interrupted
        left = library.editions.collections_left(following=True)
        rebuilt(library, SizedEncoder("hash-8"))
        library.refresh()
        assert len(left) == 1
        assert library.catalogue.state().uid == left[0]
        assert library.vectors.dimension == 8
        ask(ArticleRetriever(library=library), 3)


def test_a_full_disk_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is clearly no room for another edition a rebuild says so and begins nothing."""
    fill(tmp_path, Servers())
    usage = namedtuple("usage", "free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000))
    with open_library(tmp_path, SizedEncoder()) as library, pytest.raises(LibraryError, match=r"needs about .* MB"):
        rebuilt(library, SizedEncoder("hash-16"))
    assert not (tmp_path / "editions").exists()


def test_an_empty_library_is_not_rebuilt(tmp_path: Path) -> None:
    """A library without articles is refused in one sentence."""
    with open_library(tmp_path, SizedEncoder()) as library, pytest.raises(LibraryError, match="nothing to rebuild"):
        rebuilt(library, SizedEncoder())


def test_others_are_told_who_rebuilds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants to change articles meanwhile waits, and is told who holds the library."""
    monkeypatch.setattr(locks, "LOCK_SECONDS", 0.1)
    fill(tmp_path, Servers())
    told = []
    with open_library(tmp_path, SizedEncoder()) as library, open_library(tmp_path, SizedEncoder()) as other:

        def meddle(progress: object) -> None:
            if not told:
                with pytest.raises(LibraryError, match=f"The process {os.getpid()}") as busy, other.writing():
                    pass
                told.append(busy.value)

        rebuild_library(library, SizedEncoder(), notify=meddle, stopped=lambda: False)
    assert told


def test_the_command_reports(tmp_path: Path, library_folder: Path) -> None:
    """`footnote rebuild --json` tells how many articles and chunks there are, how many were embedded, and the seconds."""
    from typer.testing import CliRunner

    from bot.cli import app

    folder = tmp_path / "library"
    shutil.copytree(library_folder, folder)
    done = CliRunner().invoke(app, ["rebuild", "--data", str(folder), "--json"])

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert set(report) == {"articles", "chunks", "embedded", "seconds", "interrupted"}
    assert report["embedded"] == 0
    assert report["articles"] > 0
