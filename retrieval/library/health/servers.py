"""Whether the servers that keep parts of the library answer, and are such that they can."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from retrieval.database import open_database
from retrieval.library.editions import CURRENT
from retrieval.library.health.findings import Finding, Level
from retrieval.library.served import connect, disconnect, told
from retrieval.settings import Servers

CHROMA, POSTGRES = "Chroma server", "Postgres server"
OLDEST_CHROMA, OLDEST_POSTGRES = 1, 13  # major versions


def examine_chroma(servers: Servers) -> Iterator[Finding]:
    """Ask a Chroma server for its version."""
    client = connect(servers)
    try:
        with told(servers.chroma_url):
            version = str(client.get_version())
    finally:
        disconnect(client)
    if int(version.partition(".")[0]) < OLDEST_CHROMA:
        said = f"The Chroma server has version {version}, and {OLDEST_CHROMA}.0 is needed."
        yield Finding(CHROMA, Level.WRONG, said, "pip install --upgrade chromadb (where the server runs)")
    else:
        yield Finding(CHROMA, Level.OK, f"answers, version {version}")


def examine_postgres(servers: Servers) -> Iterator[Finding]:
    """Ask a Postgres server for its version and for what the user may do in the database."""
    engine = open_database(Path(), called="The database", url=servers.database_url)
    try:
        with engine.connect() as connection:
            yield from _of_postgres(connection)
    finally:
        engine.dispose()


def _of_postgres(connection: sa.Connection) -> Iterator[Finding]:
    version = connection.dialect.server_version_info or (0,)
    if version[0] < OLDEST_POSTGRES:
        said = f"The Postgres server has version {version[0]}, and {OLDEST_POSTGRES} is needed."
        yield Finding(POSTGRES, Level.WRONG, said, f"Upgrade the server to Postgres {OLDEST_POSTGRES} or newer")
        return
    database, user, may = connection.execute(
        sa.text("SELECT current_database(), current_user, has_database_privilege(current_database(), 'CREATE')")
    ).one()
    if may:
        yield Finding(POSTGRES, Level.OK, f"answers, version {'.'.join(map(str, version))}")
        return
    there = sa.inspect(connection).has_schema(CURRENT)
    said = f"The user {user} may not create schemas in the database {database}, which a library is made and rebuilt in."
    mend = f'psql -c \'GRANT CREATE ON DATABASE "{database}" TO "{user}"\''
    yield Finding(POSTGRES, Level.WARNING if there else Level.WRONG, said, mend)
