"""Tokens are counted once, whoever uses them at the same time, and a limit is never gone beyond."""

import contextlib
import datetime
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator
from multiprocessing.context import SpawnContext
from pathlib import Path

import ledgers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import together

from retrieval.chat.budget import FILE, Allowance, DayLedger, estimated_tokens, local_day, weight
from retrieval.chat.failures import ChatFailure
from retrieval.errors import LibraryError
from retrieval.passages import Shortfall, Usage

Make = Callable[..., DayLedger]
FIRST = datetime.date(2026, 5, 1)


@pytest.fixture(params=["file", "server"])
def address(request: pytest.FixtureRequest) -> str:
    """The address of the server that counts; empty where a file does."""
    return str(request.getfixturevalue("database_url")) if request.param == "server" else ""


@pytest.fixture
def make(tmp_path: Path, address: str) -> Iterator[Make]:
    """Makes ledgers of one folder or server, and closes them at the end."""
    made: list[DayLedger] = []

    def make_one(limit: int = 0, today: Callable[[], datetime.date] = local_day) -> DayLedger:
        made.append(DayLedger(tmp_path / "data", limit, database_url=address, today=today))
        return made[-1]

    yield make_one
    for ledger in made:
        ledger.close()


@pytest.fixture
def processes() -> SpawnContext:
    """Starts processes that share nothing with this one but files."""
    return multiprocessing.get_context("spawn")


@given(st.lists(st.text(max_size=20), max_size=10))
def test_pieces_weigh_what_the_text_weighs(pieces: list[str]) -> None:
    """The estimate of a text does not depend on how it came."""
    assert weight("".join(pieces)) == pytest.approx(sum(map(weight, pieces)))


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("Otters came back above Tarn Mill because a fish ladder was opened there in September 2022.", 18, 30),
        ("Die Fähre fährt seit 1911, und über den Fluss führt keine Brücke.", 15, 26),
        ("渡し船は1911年から運航している。", 12, 20),
        ("나룻배는 1911년부터 운행하고 있다.", 10, 20),
        ("🦦🦦🦦", 3, 9),
        ("Η βάρκα λειτουργεί από το 1911.", 10, 20),
        ("Паром ходит с 1911 года.", 8, 16),
        ("Լաստանավը գործում է 1911 թվականից։", 17, 34),
        ("המעבורת פועלת מאז 1911.", 11, 23),
        ("تعمل العبارة منذ عام 1911.", 12, 25),
        ("नौका 1911 से चल रही है।", 11, 23),
        ("ফেরিটি ১৯১১ সাল থেকে চলছে।", 13, 26),
        ("படகு 1911 முதல் இயங்குகிறது.", 14, 28),
        ("పడవ 1911 నుండి నడుస్తోంది.", 13, 26),
        ("ბორანი 1911 წლიდან მუშაობს.", 13, 27),
        ("ጀልባው ከ1911 ጀምሮ ይሠራል።", 11, 21),
    ],
)
def test_estimate(text: str, least: int, most: int) -> None:
    """The estimate of a text is near what tokenisers make of it, in scripts with and without spaces."""
    assert least <= estimated_tokens(text) <= most


def test_allowance() -> None:
    """What calls use adds up, and what is left is never less than nothing."""
    allowance = Allowance(100)
    allowance.add(Usage(50, 20))
    assert (Usage(50, 20), 30) == (allowance.used, allowance.left)

    allowance.add(Usage(30, 10))
    assert (Usage(80, 30), 0) == (allowance.used, allowance.left)


def test_estimate_gives_way_to_usage(make: Make) -> None:
    """A call is counted by its estimate while it goes on, and by its usage afterwards, which may be more."""
    ledger = make(1000)
    reservation = ledger.reserve(400)
    assert ledger.used() == 400

    ledger.settle(reservation, Usage(100, 20))
    assert ledger.used() == 120

    ledger.settle(ledger.reserve(880), Usage(900, 100))
    assert ledger.used() == 1120


def test_limit(make: Make) -> None:
    """What fits is granted to the last token, and what does not changes nothing."""
    ledger = make(1000)
    ledger.reserve(600)

    with pytest.raises(ChatFailure) as raised:
        ledger.reserve(401)

    assert (Shortfall.DAY_BUDGET, False) == (raised.value.kind, raised.value.retryable)
    assert ledger.used() == 600
    ledger.reserve(400)
    assert ledger.used() == 1000


def test_a_limit_of_nothing_is_none(make: Make) -> None:
    """Without a limit everything is granted, and counted."""
    ledger = make(0)
    ledger.reserve(10_000_000)

    assert ledger.used() == 10_000_000


def test_each_day_has_its_own(make: Make) -> None:
    """The next day begins at nothing; a call over midnight stays on the day on which it began."""
    days = [FIRST]
    ledger = make(1000, lambda: days[-1])
    over_midnight = ledger.reserve(900)

    days.append(FIRST + datetime.timedelta(days=1))
    assert ledger.used() == 0
    ledger.reserve(1000)
    ledger.settle(over_midnight, Usage(5, 5))
    assert ledger.used() == 1000

    days.append(FIRST)
    assert ledger.used() == 10


def test_looking_makes_nothing(make: Make, tmp_path: Path) -> None:
    """To ask how many were used makes no file and no folder."""
    assert make(1000).used() == 0
    assert not (tmp_path / "data").exists()


def test_another_one_knows(make: Make) -> None:
    """What was counted is there for the next program."""
    make(0).reserve(70)

    assert make(1000).used() == 70


def test_threads(make: Make) -> None:
    """Threads that ask at the same time are granted exactly what there is, and settle to exactly what they used."""
    ledger, granted = make(1000), []

    def work() -> None:
        with contextlib.suppress(ChatFailure):
            granted.append(ledger.reserve(150))

    together(*[work] * 20)
    assert len(granted) == 6
    assert ledger.used() == 900

    together(*[lambda each=each: ledger.settle(each, Usage(8, 2)) for each in granted])
    assert ledger.used() == 60


@pytest.mark.parametrize("address", [""])
def test_processes(make: Make, processes: SpawnContext, tmp_path: Path) -> None:
    """Processes that ask at the same time are granted exactly what there is, and settle to exactly what they used."""
    folder = tmp_path / "data"
    settling = [processes.Process(target=ledgers.reserve_and_settle, args=(folder, 25)) for _ in range(2)]
    run(*settling)
    assert make().used() == 2 * 25 * 3

    limit = 150 + 7 * 100 + 50
    asking = [
        processes.Process(target=ledgers.reserve_until_full, args=(folder, limit, 100, tmp_path / f"{number}"))
        for number in range(2)
    ]
    run(*asking)
    assert sum(int((tmp_path / f"{number}").read_text()) for number in range(2)) == 7
    assert make().used() == 850


@pytest.mark.parametrize("address", [""])
def test_a_killed_process_stays_counted(make: Make, processes: SpawnContext, tmp_path: Path) -> None:
    """What a process had reserved when it was killed is counted as used."""
    process = processes.Process(target=ledgers.reserve_and_die, args=(tmp_path / "data", 333))
    process.start()
    process.join(60)

    assert process.exitcode == -9
    assert make().used() == 333


@pytest.mark.parametrize("address", [""])
def test_a_file_that_is_none(make: Make, tmp_path: Path) -> None:
    """A file that cannot be used lets nothing pass that is limited; after a call the answer is not lost."""
    ledger = make(1000)
    reservation = ledger.reserve(10)
    with sqlite3.connect(tmp_path / "data" / FILE) as connection:
        connection.execute("DROP TABLE usage")
    connection.close()

    ledger.settle(reservation, Usage(1, 1))
    with pytest.raises(ChatFailure) as raised:
        ledger.reserve(10)
    assert (Shortfall.DAY_BUDGET, False) == (raised.value.kind, raised.value.retryable)
    with pytest.raises(LibraryError, match="The count of tokens cannot be used"):
        ledger.used()


def run(*started: multiprocessing.process.BaseProcess) -> None:
    """Run processes side by side; each must end well."""
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [0] * len(started) == [process.exitcode for process in started]
