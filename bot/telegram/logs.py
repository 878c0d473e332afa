"""The log: one JSON object a line for programs, one line of text for a person who is looking; the token never gets into it."""

import datetime
import json
import logging
import re
import sys
from typing import Any

TOKEN_IN_URL = re.compile(r"\b(bot)?\d{5,}:[A-Za-z0-9_-]{20,}")
HIDDEN = "<token>"
SHORTEST = 8  # characters of what is hidden wherever it stands
_KNOWN = set(vars(logging.makeLogRecord({}))) | {"message", "taskName"}
_LIBRARIES = ("httpx", "httpcore", "telegram", "telegram.ext", "tornado", "apscheduler", "asyncio")


def begin_logging(token: str) -> None:
    """Log to the error stream from now on: our own news, and of the libraries only what is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(token, for_people=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    for name in _LIBRARIES:  # at INFO, httpx writes every address, and the token is a part of each
        logging.getLogger(name).setLevel(logging.WARNING)


class Lines(logging.Formatter):
    """Formats a record, and hides the token wherever it stands: in a message, a field or a traceback."""

    def __init__(self, token: str, *, for_people: bool) -> None:
        super().__init__()
        key = token.partition(":")[2]  # alone it is as good as the whole, and an escaped colon leaves it as it is
        self._secrets = [part for part in (token, key) if len(part) >= SHORTEST]
        self._for_people = for_people

    def format(self, record: logging.LogRecord) -> str:
        """One line; a person's may be followed by a traceback."""
        fields: dict[str, Any] = {name: value for name, value in vars(record).items() if name not in _KNOWN}
        trace = self.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        if self._for_people:
            known = " ".join(f"{name}={value}" for name, value in fields.items())
            line = " ".join(filter(None, [record.levelname.lower() + ":", record.getMessage(), known]))
            return self._hidden("\n".join(filter(None, [line, trace])))
        time = datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds")
        values = {
            "time": time,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields,
        }
        return self._hidden(json.dumps(values | ({"traceback": trace} if trace else {}), default=str, ensure_ascii=True))

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return TOKEN_IN_URL.sub(HIDDEN, text)
