"""What the processes do that share a ledger; in a file of its own, since a process imports it by its name."""

import os
import signal
from pathlib import Path

from retrieval.chat.budget import DayLedger
from retrieval.chat.failures import ChatFailure
from retrieval.passages import Usage


def reserve_until_full(folder: Path, limit: int, tokens: int, granted: Path) -> None:
    """Reserve until the day is full, and write down how often that was granted."""
    ledger, times = DayLedger(folder, limit), 0
    while True:
        try:
            ledger.reserve(tokens)
        except ChatFailure:
            break
        times += 1
    granted.write_text(str(times))


def reserve_and_settle(folder: Path, times: int) -> None:
    """Reserve much, and use little of it."""
    ledger = DayLedger(folder, 0)
    for _ in range(times):
        ledger.settle(ledger.reserve(1000), Usage(2, 1))


def reserve_and_die(folder: Path, tokens: int) -> None:
    """Be killed in the middle of a call."""
    DayLedger(folder, 0).reserve(tokens)
    os.kill(os.getpid(), signal.SIGKILL)
