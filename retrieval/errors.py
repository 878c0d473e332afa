"""The errors a person may see, each with a line that says what to do.

    FootnoteError
    ├── SettingsError       a setting has a value that cannot be used
    ├── ModelError          a model cannot be loaded
    ├── LibraryError        the library in the data folder cannot be used
    │   ├── ModelMismatch   it was built with another embedding model
    │   ├── LibraryBusy     another process holds it for longer than we wait
    │   ├── ServerDown      the server that keeps a part of it does not answer
    │   └── IndexDamaged    an index cannot be read; it is rebuilt, and seen only if that fails too
    ├── SourceError         one source cannot be read as an article
    └── QuestionsError      a file of questions cannot be read

They are caught in two places only: the command line and the Telegram error handler.
"""

from pathlib import Path


class FootnoteError(Exception):
    """An expected failure: `message` says what happened, `help` what the person can do."""

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word people expect
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        """One sentence, and the help line behind it if there is one."""
        return f"{self.message} {self.help}".strip()


class SettingsError(FootnoteError):
    """A setting has a value that cannot be used."""


class ModelError(FootnoteError):
    """A model cannot be loaded."""


class LibraryError(FootnoteError):
    """The library in the data folder cannot be used."""


class ModelMismatch(LibraryError):
    """The library was built with another embedding model."""


class LibraryBusy(LibraryError):
    """Another process holds the library for longer than we wait."""


class ServerDown(LibraryError):
    """The server that keeps a part of the library does not answer."""


class IndexDamaged(LibraryError):
    """An index derived from the catalogue cannot be used; the library rebuilds it, and a person sees this only if that fails."""

    def __init__(self, where: Path | str) -> None:
        message = f"The index {where} is damaged and could not be rebuilt."
        super().__init__(message, help="Check the data folder's permissions and free space, and run: footnote doctor --repair")


class SourceError(FootnoteError):
    """One source cannot be read as an article; the message is the reason in the report."""


class QuestionsError(FootnoteError):
    """A file of questions cannot be read."""
