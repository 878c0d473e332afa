"""Whether articles have stayed behind in the data folder while the library is an empty one on a Postgres server."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from retrieval import Settings
from retrieval.database import open_database
from retrieval.library.health import Finding, Level
from retrieval.library.health.servers import POSTGRES
from retrieval.library.lost import left_behind
from retrieval.library.tables import article

ARTICLES = "Articles"


def examine_moving(settings: Settings, found: Iterable[Finding]) -> Iterator[Finding]:
    """Look for them, unless what has been found says that the server cannot be asked; nothing where there are none."""
    left = left_behind(settings.data_dir, settings.servers)
    if (
        left is not None
        and not any(each.check == POSTGRES and each.level is Level.WRONG for each in found)
        and _is_empty(settings)
    ):
        yield Finding(ARTICLES, Level.WARNING, left.message, left.help)


def _is_empty(settings: Settings) -> bool:
    """Whether the library on the server has no articles, or has not even been made."""
    engine = open_database(Path(), called="The catalogue", url=settings.servers.database_url)
    try:
        with engine.connect() as connection:
            made = sa.inspect(connection).has_table(article.name)
            return not made or connection.scalar(sa.select(article.c.id).limit(1)) is None
    finally:
        engine.dispose()
