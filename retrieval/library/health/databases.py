"""Whether the other databases of a data folder are whole; what is in them is not the library's to know."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from rich.filesize import decimal

from retrieval.library.health.findings import Finding, Level, reason
from retrieval.library.health.reading import damage, read_file


def examine_database(check: str, path: Path, *, mend: str) -> Iterator[Finding]:
    """Read a database file, if it is there, as a whole."""
    if not path.exists():
        yield Finding(check, Level.OK, "none yet")
        return
    engine = read_file(path)
    try:
        with engine.connect() as connection:
            found = damage(connection)
    except sa.exc.DBAPIError as error:
        found = reason(error)
    finally:
        engine.dispose()
    if found:
        yield Finding(check, Level.WRONG, f"The file {path.name} is damaged: {found}.", mend)
    else:
        yield Finding(check, Level.OK, f"{decimal(path.stat().st_size)}, can be read")
