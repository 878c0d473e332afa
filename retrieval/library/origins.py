"""Where articles came from: which version of a page the library holds, and which feed lists which articles."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from retrieval.database import insert
from retrieval.library.statements import pages
from retrieval.library.tables import article, tables
from retrieval.passages import Article

fetched = sa.Table(
    "fetched",
    tables,
    sa.Column("url", sa.String, primary_key=True),
    sa.Column("etag", sa.String, nullable=False),
    sa.Column("last_modified", sa.String, nullable=False),
    sa.Column("format", sa.String, nullable=False),  # of the readers and the chunker that made articles of it
)
member = sa.Table(
    "member",
    tables,
    sa.Column("origin", sa.String, primary_key=True),
    sa.Column("source", sa.String, primary_key=True, index=True),
    sa.Column("listed", sa.Boolean, nullable=False),  # still, or only by an earlier version of the feed
)

_DETAILS = ("source", "title", "author", "site", "date", "link")


@dataclass(frozen=True, slots=True)
class PageVersion:
    """By what a server recognises the version of a page or feed that was read; both may be empty."""

    etag: str
    last_modified: str
    format: str


class Origins:
    """What a library remembers of the addresses and feeds that its articles came from; each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def version(self, url: str) -> PageVersion | None:
        """The version of an address that was read; None if its article came from elsewhere, such as a feed's own text."""
        query = sa.select(fetched.c.etag, fetched.c.last_modified, fetched.c.format).where(fetched.c.url == url)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return PageVersion(*row) if row else None

    def read_themselves(self, urls: Collection[str]) -> set[str]:
        """Those of the addresses of which a version is remembered."""
        found: set[str] = set()
        with self._engine.connect() as connection:
            for page in pages(list(urls)):
                found.update(connection.scalars(sa.select(fetched.c.url).where(fetched.c.url.in_(page))))
        return found

    def remember(self, url: str, version: PageVersion) -> None:
        """Remember the version of an address."""
        values = {"etag": version.etag, "last_modified": version.last_modified, "format": version.format}
        with self._engine.begin() as connection:
            statement = insert(connection, fetched).values(url=url, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))

    def forget(self, url: str) -> None:
        """Forget the version of an address, so that it is read anew."""
        with self._engine.begin() as connection:
            connection.execute(fetched.delete().where(fetched.c.url == url))

    def members(self, origin: str) -> dict[str, bool]:
        """The articles that a feed lists or has listed, and whether it still does."""
        query = sa.select(member.c.source, member.c.listed).where(member.c.origin == origin)
        with self._engine.connect() as connection:
            return {row.source: row.listed for row in connection.execute(query)}

    def origins_below(self, folder: str) -> list[str]:
        """The feeds whose files lie below a folder, whose name ends with a slash."""
        query = sa.select(member.c.origin).where(member.c.origin >= folder).distinct()
        with self._engine.connect() as connection:
            return [origin for origin in connection.scalars(query) if origin.startswith(folder)]  # LIKE would ignore case

    def origins_of(self, sources: Collection[str]) -> dict[str, set[str]]:
        """Each article's feeds; an address that was also named by itself is among its own."""
        found: dict[str, set[str]] = {source: set() for source in sources}
        with self._engine.connect() as connection:
            for page in pages(list(sources)):
                query = sa.select(member.c.source, member.c.origin).where(member.c.source.in_(page))
                for row in connection.execute(query):
                    found[row.source].add(row.origin)
        return found

    def list_members(self, origin: str, sources: Iterable[str], *, all_of_them: bool = True) -> None:
        """Remember that a feed lists these articles, and with `all_of_them` that it lists no others any more."""
        known, now = self.members(origin), dict.fromkeys(sources, True)
        if known | now == known and not (all_of_them and any(listed for source, listed in known.items() if source not in now)):
            return
        # In one order, or two hosts wait for each other.
        rows = [{"origin": origin, "source": source, "listed": True} for source in sorted(now)]
        with self._engine.begin() as connection:
            if all_of_them:
                connection.execute(member.update().where(member.c.origin == origin).values(listed=False))
            if rows:
                statement = insert(connection, member)
                again = statement.on_conflict_do_update(index_elements=["origin", "source"], set_={"listed": True})
                connection.execute(again, rows)

    def forget_article(self, source: str) -> None:
        """Forget the version and the feeds of an article that has been removed."""
        with self._engine.begin() as connection:
            connection.execute(fetched.delete().where(fetched.c.url == source))
            connection.execute(member.delete().where(member.c.source == source))

    def details(self, source: str) -> tuple[str, str, str]:
        """Title, date and site of an article; empty if it is gone."""
        query = sa.select(article.c.title, article.c.date, article.c.site).where(article.c.source == source)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return (row.title, row.date, row.site) if row else ("", "", "")


def move_article(connection: sa.Connection, old: str, moved: Article) -> bool:
    """Give an article's row its new source and details; its id, chunks and vectors stay, so the indexes have nothing to do."""
    if connection.scalar(sa.select(article.c.id).where(article.c.source == moved.source)) is not None:
        return False
    values = {name: getattr(moved, name) for name in _DETAILS}
    same = sa.and_(article.c.source == old, article.c.digest == moved.digest, article.c.text == moved.text)
    if not connection.execute(article.update().where(same).values(values)).rowcount:
        return False
    connection.execute(member.delete().where(member.c.source == old))
    return True
