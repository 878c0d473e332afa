"""Rows go from one kind of database to the other and back without a change."""

from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter

import pytest
import servers
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retrieval import create_tables, open_database
from retrieval.copying import advance_ids, copy_rows, last_id

TABLES = sa.MetaData()
THING = sa.Table(
    "thing",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("big", sa.BigInteger, nullable=False),
    sa.Column("text", sa.String),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.Column("flag", sa.Boolean, nullable=False),
    sa.Column("number", sa.Float, nullable=False),
    sqlite_autoincrement=True,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 10**6),
            "big": st.integers(-(2**63), 2**63 - 1),
            "text": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            "packed": st.binary(),
            "flag": st.booleans(),
            "number": st.floats(allow_nan=False, allow_infinity=False),
        }
    ),
    unique_by=lambda row: row["id"],
    max_size=70,
)


@pytest.fixture(scope="module")
def engines(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[sa.Engine]]:
    """A file, a server, and another file."""
    folder = tmp_path_factory.mktemp("copies")
    with servers.database(postgres_server) as url:
        paths = {"one": "", "server": url, "other": ""}
        made = [open_database(folder / name, called="The things", url=there) for name, there in paths.items()]
        for engine in made:
            with engine.begin() as connection:
                create_tables(connection, TABLES)
        yield made
        for engine in made:
            engine.dispose()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS)
@example(rows=[{"id": 3, "big": 1, "text": "a\0b", "packed": b"\0", "flag": True, "number": 0.1}])
def test_rows_come_back_as_they_were(engines: list[sa.Engine], rows: list[dict[str, object]]) -> None:
    """Numbers, texts, bytes and truth survive a server; the one character that it cannot hold becomes another one."""
    for engine in engines:
        with engine.begin() as connection:
            connection.execute(THING.delete())
    with engines[0].begin() as connection:
        if rows:
            connection.execute(THING.insert(), rows)
    for source, target in pairwise(engines):
        with source.connect() as old, target.begin() as new:
            assert len(rows) == copy_rows(THING, old, new, notify=lambda _: None)
    expected = [{**row, "text": row["text"] and str(row["text"]).replace("\0", "\ufffd")} for row in rows]
    with engines[-1].connect() as connection:
        found = [dict(row) for row in connection.execute(sa.select(THING)).mappings()]
    by_id = itemgetter("id")
    assert sorted(expected, key=by_id) == sorted(found, key=by_id)


def test_ids_are_never_given_twice(engines: list[sa.Engine]) -> None:
    """A copy goes on behind the highest id that was ever given, not only behind those that are still there."""
    values = {"big": 0, "text": "", "packed": b"", "flag": False, "number": 0.0}
    for engine in engines:
        with engine.begin() as connection:
            connection.execute(THING.delete())
            advance_ids(THING, connection, 2 * 10**6)
    with engines[0].begin() as connection:
        gone = connection.execute(THING.insert().values(values)).inserted_primary_key
        connection.execute(THING.delete())
        kept = last_id(THING, connection)
    assert gone is not None
    assert gone[0] == kept
    for source, target in pairwise(engines):
        with source.connect() as old, target.begin() as new:
            copy_rows(THING, old, new, notify=lambda _: None, spare=10)
            fresh = new.execute(THING.insert().values(values).returning(THING.c.id)).scalar_one()
            new.execute(THING.delete())
        assert fresh > kept + 10
        kept = fresh
