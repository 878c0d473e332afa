"""Walking a folder: sorted, without hidden files, and every real folder once, whatever links lead to it."""

import os
from collections.abc import Iterator

from ingest.documents import Failure

FolderId = tuple[int, int]


def walk(folder: str) -> Iterator[str | Failure]:
    """Yield the paths of the files below the folder, those of a folder before those of its subfolders."""
    first = _identify(folder)
    if isinstance(first, Failure):
        yield first
        return
    visited = {first}
    waiting = [(folder, frozenset({first}))]
    while waiting:
        path, holders = waiting.pop()
        files, folders = _list(path)
        yield from files
        deeper = []
        for each in folders:
            identity = _identify(each)
            if isinstance(identity, Failure):
                yield identity
            elif identity in holders:
                yield Failure(each, "The link leads back to a folder that holds it. Its articles are read once.")
            elif identity not in visited:
                visited.add(identity)
                deeper.append((each, holders | {identity}))
        waiting += reversed(deeper)


def _list(folder: str) -> tuple[list[str | Failure], list[str]]:
    """List the files and the subfolders of a folder by name."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted((entry.name, entry.path, _is_folder(entry)) for entry in entries)
    except OSError as error:
        return [_closed(folder, error)], []
    shown = [(path, is_folder) for name, path, is_folder in listed if not name.startswith((".", "~$"))]
    return [path for path, is_folder in shown if not is_folder], [path for path, is_folder in shown if is_folder]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; a link that leads nowhere is not, and says so when it is read as a file."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _identify(folder: str) -> FolderId | Failure:
    try:
        status = os.stat(folder)  # noqa: PTH116 - a path may hold what pathlib would tidy away
    except OSError as error:
        return _closed(folder, error)
    return status.st_dev, status.st_ino


def _closed(folder: str, error: OSError) -> Failure:
    reason = "You may not open this folder" if isinstance(error, PermissionError) else "The folder cannot be opened"
    return Failure(folder, f"{reason} ({error.strerror or 'unknown error'}). Check its permissions.")
