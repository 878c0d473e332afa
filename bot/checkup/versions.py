"""Whether Python, its packages and SQLite are new enough, by what the installed program itself requires."""

import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from retrieval.library.health import Finding, Level

VERSIONS = "Versions"
OLDEST_SQLITE = (3, 35)  # RETURNING
SHOWN = ("chromadb", "tantivy", "sentence-transformers")


def examine_versions() -> Iterator[Finding]:
    """Hold what is installed against what is required."""
    found = [*_programs(), *_packages()]
    shown = ", ".join(f"{name} {version(name)}" for name in SHOWN) if not found else ""
    summary = f"footnote {version('footnote')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {shown}"
    yield from found or [Finding(VERSIONS, Level.OK, summary)]


def _programs() -> Iterator[Finding]:
    wanted = metadata("footnote")["Requires-Python"]
    if not SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        said = f"Python {platform.python_version()} is not what footnote requires ({wanted})."
        yield Finding(VERSIONS, Level.WRONG, said, f"Install Python {wanted} and footnote in it")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        said = f"SQLite {sqlite3.sqlite_version} is too old; {oldest} is needed."
        yield Finding(VERSIONS, Level.WRONG, said, f"Install a Python with SQLite {oldest} or newer")


def _packages() -> Iterator[Finding]:
    """What is missing or of another version, those of extras left out: whatever needs one of them says so itself."""
    for line in requires("footnote") or []:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        wanted = f"{requirement.name}{requirement.specifier}"
        try:
            there = version(requirement.name)
        except PackageNotFoundError:
            yield Finding(VERSIONS, Level.WRONG, f"The package {requirement.name} is missing.", f"pip install '{wanted}'")
            continue
        if not requirement.specifier.contains(there, prereleases=True):
            said = f"{requirement.name} {there} is installed, and {wanted} is required."
            yield Finding(VERSIONS, Level.WRONG, said, f"pip install '{wanted}'")
