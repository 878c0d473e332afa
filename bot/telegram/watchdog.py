"""Whether Telegram is still being heard: a file that tells containers, and a thread that ends the process when it is not."""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import filelock

HEALTH = "telegram.health"
FRESH_SECONDS = 90.0  # a good round trip is at most so old: a poll waits for half a minute
WRITE_SECONDS = 1.0  # between two writings of the file
LOCK = "telegram.lock"  # that the running bot holds
_log = logging.getLogger(__name__)


class Pulse:
    """Remembers the last good round trip to Telegram, and what has been wrong since."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / HEALTH
        self._last = time.monotonic()
        self._written = -WRITE_SECONDS
        self.trouble = ""

    def beat(self) -> None:
        """Note a good round trip."""
        self._last, self.trouble = time.monotonic(), ""
        if self._last - self._written < WRITE_SECONDS:
            return
        self._written = self._last
        part = self._file.with_suffix(".part")
        try:
            part.write_text(json.dumps({"heard": time.time(), "process": os.getpid()}))
            part.replace(self._file)
        except OSError as error:  # a full disk is told by those who need it
            _log.warning("The health file could not be written.", extra={"error": str(error)})

    def end(self) -> None:
        """Say that nothing runs here any more."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    @property
    def silence(self) -> float:
        """Seconds since the last good round trip."""
        return time.monotonic() - self._last


def is_healthy(folder: Path, *, now: Callable[[], float] = time.time) -> bool:
    """Whether a bot runs on this data folder, and has heard from Telegram lately."""
    try:
        with filelock.FileLock(folder / LOCK).acquire(timeout=0):
            return False  # nobody holds it
    except filelock.Timeout:
        pass
    except OSError:
        return False
    try:
        heard = float(json.loads((folder / HEALTH).read_text())["heard"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return 0 <= now() - heard <= FRESH_SECONDS


def watch(pulse: Pulse, seconds: float, *, end: Callable[[int], object] = os._exit) -> threading.Event:
    """End the process from a thread, even if everything else hangs, once nothing has been heard for so long.

    The event that is returned calls the watch off when it is set.
    """
    called_off = threading.Event()

    def run() -> None:
        while pulse.silence <= seconds:
            if called_off.wait(min(1.0, seconds / 4)):
                return
        reason = pulse.trouble or "Telegram could not be reached."
        sys.stderr.write(f"footnote: {reason} Nothing was heard for {seconds:.0f} seconds, so the bot ends; start it again.\n")
        sys.stderr.flush()
        end(1)

    threading.Thread(target=run, name="watchdog", daemon=True).start()
    return called_off
