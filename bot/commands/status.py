"""`footnote status`: what the library holds, whether its three stores agree, and whether the chat model answers."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer
from rich.filesize import decimal

from bot.records import status_record
from bot.shortfalls import reason_of
from bot.waiting import waiting
from bot.wiring import open_chat_model, open_library, settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import complain, console, print_json, printable
from retrieval import LibraryError, SettingsError, Shortfall

if TYPE_CHECKING:
    from retrieval import Settings, Status

ASKING = "Asking the chat model…"
LONGEST_WAIT = 60.0  # seconds: a local model may have to be loaded first


@dataclass(frozen=True, slots=True)
class ChatStatus:
    """Whether the chat model answers: after so many `seconds`, or not and the `reason`; and the tokens of today and of a day.

    `answers` is None if it was not asked because the day's tokens are used up; `tokens_today` if they cannot be counted.
    """

    name: str
    answers: bool | None
    seconds: float | None
    reason: str | None
    tokens_today: int | None
    day_tokens: int


def status(data: DataOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show what the library holds, where it lies, and whether it and the chat model are in order."""
    settings = settings_of(data)
    from retrieval.library.lost import left_behind

    with open_library(settings) as library:
        found = library.status()
    chat = _chat_status(settings)
    if not found.articles and (left := left_behind(settings.data_dir, settings.servers)):
        complain(str(left))
    if as_json:
        print_json({**status_record(found), "servers": _servers(settings), "chat_model": asdict(chat) if chat else None})
    else:
        out = console()
        for name, value in _lines(found, chat, _servers(settings)).items():
            out.print(f"{name:<10} {printable(value)}")
    if not found.agree or (chat and chat.answers is False):
        raise typer.Exit(FAILED)


def _chat_status(settings: "Settings") -> ChatStatus | None:
    """What comes of the smallest call of the chat model that is configured; None if none is."""
    name = settings.chat_model.strip()
    if not name:
        return None
    seconds, reason, spent = _asked(settings, name)
    used, broken = _used(settings)
    if spent and broken:  # it may cost nothing more, for nobody knows what it has cost
        spent, reason = False, broken
    return ChatStatus(name, None if spent else seconds is not None, seconds, reason, used, settings.chat_day_tokens)


def _used(settings: "Settings") -> tuple[int | None, str | None]:
    """The tokens of today, or why they are not known."""
    from retrieval.chat.budget import DayLedger

    ledger = DayLedger(settings.data_dir, settings.chat_day_tokens, database_url=settings.servers.database_url)
    try:
        return ledger.used(), None
    except LibraryError as error:
        return None, str(error)
    finally:
        ledger.close()


def _asked(settings: "Settings", name: str) -> tuple[float | None, str | None, bool]:
    """The seconds that the model took to answer, or why it does not; and whether that is because the day's tokens are used up."""
    from retrieval.chat.calls import answers
    from retrieval.chat.failures import ChatFailure

    try:
        with waiting(ASKING):
            model = open_chat_model(settings)
            if model is None:
                return None, None, False
            try:
                return answers(model, seconds=min(settings.chat_timeout, LONGEST_WAIT)), None, False
            finally:
                model.close()
    except SettingsError as error:
        return None, str(error), False
    except ChatFailure as failure:
        return None, reason_of(failure.kind, name), failure.kind is Shortfall.DAY_BUDGET


def _servers(settings: "Settings") -> dict[str, str | None]:
    """The servers that are in use, without what else their addresses hold; None for what is kept in the data folder."""
    from retrieval.database import host_of

    chroma, database = settings.servers.chroma_url, settings.servers.database_url
    return {"chroma": urlsplit(chroma).netloc or None, "database": host_of(database) if database else None}


def _lines(status: "Status", chat: ChatStatus | None, servers: dict[str, str | None]) -> dict[str, str]:
    """What is shown, by name."""
    model = status.model
    sizes = {"catalogue": status.catalogue_bytes, "vectors": status.vectors_bytes, "keywords": status.keywords_bytes}
    return {
        "Articles": str(status.articles),
        "Chunks": f"{status.chunks} ({status.vectors} in the vector index, {status.keywords} in the keyword index)",
        "Languages": ", ".join(f"{language or 'unknown'} {count}" for language, count in status.languages.items()) or "none yet",
        "Model": f"{model.name}, {model.dimension} dimensions ({model.fingerprint})" if model else "none yet",
        **_chat_lines(chat),
        **_server_lines(servers),
        "Folder": str(status.folder.absolute()),
        "Size": ", ".join(f"{name} {decimal(size)}" for name, size in sizes.items()),
        "In order": "yes" if status.agree else "no: the three stores differ. The next question or ingest brings them together.",
    }


def _server_lines(servers: dict[str, str | None]) -> dict[str, str]:
    names = {"chroma": "Chroma", "database": "Postgres"}
    used = [f"{names[name]} at {host}" for name, host in servers.items() if host]
    return {"Servers": ", ".join(used)} if used else {}


def _chat_lines(chat: ChatStatus | None) -> dict[str, str]:
    if chat is None:
        return {"Chat model": "none"}
    state = f"does not answer: {chat.reason}" if chat.seconds is None else f"answers ({chat.seconds:.1f} s)"
    if chat.answers is None:
        state = "the tokens of FOOTNOTE_CHAT_DAY_TOKENS for today are used up; not asked"
    most = f" of {chat.day_tokens}" if chat.day_tokens else ", as many as it takes"
    used = "cannot be counted" if chat.tokens_today is None else str(chat.tokens_today)
    return {"Chat model": f"{chat.name}, {state}", "Tokens": f"{used} today{most}"}
