"""`footnote doctor`: whether everything is in order, what is wrong and the one command that mends it; and mending it."""

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.waiting import waiting
from bot.wiring import settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import console, print_json, printable
from retrieval import FootnoteError, SettingsError

if TYPE_CHECKING:
    from retrieval import Settings
    from retrieval.library.health import Finding

EXAMINING = "Examining the library…"
MENDING = "Mending the library…"
REPAIRED = "Repair"

RepairOption = Annotated[bool, typer.Option("--repair", help="Mend what can be made anew from what the library keeps.")]


def doctor(
    repair: RepairOption = False,  # noqa: FBT002 - a flag of the command line
    data: DataOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - as above
) -> None:
    """Examine everything, and say what is wrong and which command mends it."""
    from retrieval.settings import check_env

    check_env()  # without which the library itself cannot even be imported
    with waiting(EXAMINING):
        found, settings = _examined(data)
    repaired: list[str] = []
    if repair and settings is not None and not _is_healthy(found, warnings=True):
        with waiting(MENDING):
            stopped = _mend(settings, found, repaired)
        with waiting(EXAMINING):
            found = [*_examined(data)[0], *stopped]
    if as_json:
        print_json({"healthy": _is_healthy(found), "findings": [_record(each, data) for each in found], "repaired": repaired})
    else:
        _show(found, repaired, data)
    if not _is_healthy(found):
        raise typer.Exit(FAILED)


def _examined(data: Path | None) -> "tuple[list[Finding], Settings | None]":
    """What is found, and the settings if they can be used; without them only the versions are looked at."""
    from bot.checkup import ARTICLES, SETTINGS, examine_callers, examine_moving, examine_settings, examine_versions
    from retrieval import Encoder
    from retrieval.library.health import Finding, Level, examine, guarded

    found = list(guarded("Versions", examine_versions))
    try:
        settings = settings_of(data)
    except SettingsError as error:
        lost = "Nothing else can be examined before the settings are right."
        return [
            Finding(SETTINGS, Level.WRONG, error.message, error.help),
            *found,
            Finding("Library", Level.UNCHECKED, lost),
        ], None
    found = [*guarded(SETTINGS, lambda: examine_settings(settings)), *found]
    found += examine(settings.data_dir, Encoder(settings.embedding_model), settings.servers)
    found += list(guarded(ARTICLES, lambda: examine_moving(settings, found)))
    return [*found, *examine_callers(settings)], settings


def _mend(settings: "Settings", found: "list[Finding]", repaired: list[str]) -> "list[Finding]":
    """Mend what can be, noting each thing that was done; what has ended it early is one more finding."""
    from ingest.chunking import chunk_article
    from retrieval import Encoder
    from retrieval.library.health import Finding, Level, mend

    encoder = Encoder(settings.embedding_model)
    try:
        repaired.extend(mend(settings.data_dir, encoder, found, chunk_article, settings.servers))
    except FootnoteError as error:
        return [Finding(REPAIRED, Level.WRONG, error.message, error.help)]
    return []


def _is_healthy(found: "Iterable[Finding]", *, warnings: bool = False) -> bool:
    from retrieval.library.health import Level

    return all(each.level is not Level.WRONG and not (warnings and each.level is Level.WARNING) for each in found)


def _record(finding: "Finding", data: Path | None) -> dict[str, str]:
    return {"check": finding.check, "state": str(finding.level), "said": finding.said, "mend": _of_folder(finding.mend, data)}


def _of_folder(command: str, data: Path | None) -> str:
    """A command of ours for the folder that was named."""
    if data is None or not command.startswith("footnote "):
        return command
    return f"{command} --data {shlex.quote(str(data))}"


def _show(found: "list[Finding]", repaired: list[str], data: Path | None) -> None:
    out = console()
    for sentence in repaired:
        out.print(f"repaired: {printable(sentence)}")
    wide = max(len(each.check) for each in found)
    for line in _lines(found, wide, data):
        out.print(line)
    wrong = [each for each in found if each.level == "wrong"]
    warnings = sum(each.level == "warning" for each in found)
    order = f"In order, with {warnings} warning{'s' * (warnings > 1)}." if warnings else "Everything is in order."
    out.print(f"{len(wrong)} of {len(found)} findings {'is' if len(wrong) == 1 else 'are'} wrong." if wrong else order)


def _lines(found: "Iterable[Finding]", wide: int, data: Path | None) -> Iterator[str]:
    for each in found:
        yield f"{each.check:<{wide}}  {each.level:<11}  {printable(each.said)}"
        if each.mend:
            yield f"{'':<{wide}}  {'':<11}  → {printable(_of_folder(each.mend, data))}"
