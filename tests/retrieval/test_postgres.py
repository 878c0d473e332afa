"""A Postgres server that is down, slow, hangs or comes back, and wrong addresses: a sentence in time, with no secret in it."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
import sqlalchemy as sa
from proxies import PostgresProxy

from retrieval import FootnoteError, LibraryError, ServerDown, SettingsError, open_database, postgres
from retrieval.settings import Servers, Settings

SECRET = "xyzzy"  # noqa: S105 - the part of every address here that must not be seen
WRONG = {
    "nothing listens": f"postgres://footnote:{SECRET}@127.0.0.1:1/footnote",
    "several addresses": f"postgresql://footnote:{SECRET}@127.0.0.1:1,127.0.0.1:2/footnote",
    "no such host": f"postgresql://footnote:{SECRET}@nowhere.invalid/footnote",
    "another database": f"mysql://footnote:{SECRET}@127.0.0.1/footnote",
    "no address": f"footnote {SECRET}",
    "a port that is none": f"postgresql://footnote:{SECRET}@127.0.0.1:port/footnote",
    "@ in the password": f"postgresql://footnote:a@{SECRET}@127.0.0.1/footnote",
    "@ and / in the password": f"postgresql://footnote:a@b/{SECRET}@127.0.0.1/footnote",
    "the password behind it": f"postgresql://127.0.0.1:1/footnote?user=footnote&password={SECRET}",
    "an unknown option": f"postgresql://footnote:{SECRET}@127.0.0.1/footnote?sslmode=never",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are given less time."""
    monkeypatch.setattr(postgres, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(postgres, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(postgres, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(postgres, "TRYING_SECONDS", 1.0)
    monkeypatch.setattr(postgres, "RETRIES", (0.05,))


@pytest.fixture
def engine(postgres_server: str, tmp_path: Path) -> Iterator[sa.Engine]:
    """An open database on the server, with a connection in its pool."""
    opened = open_database(tmp_path, called="The notes", url=postgres_server)
    one(opened)
    yield opened
    opened.dispose()


def one(engine: sa.Engine, query: str = "SELECT 1", **values: object) -> object:
    """What a query finds."""
    with engine.connect() as connection:
        return connection.scalar(sa.text(query), values)


def shown(engine: sa.Engine) -> sa.Engine:
    """The same, which shows no secret."""
    assert SECRET not in f"{engine!r}{engine.url}"
    return engine


@pytest.mark.parametrize("address", WRONG.values(), ids=WRONG)
def test_wrong_addresses(address: str, tmp_path: Path) -> None:
    """Each is told in a sentence, and nothing that is told or shown holds the password."""
    with pytest.raises(FootnoteError) as raised:
        one(shown(open_database(tmp_path, called="The notes", url=address)))
    causes = [raised.value, raised.value.__cause__, raised.value.__context__]
    assert SECRET not in " ".join(f"{each}{each!r}" for each in causes)
    assert raised.value.help
    assert "\n" not in str(raised.value)


def test_settings_hide_secrets() -> None:
    """Neither the settings nor the servers show a password or a token."""
    settings = Settings(database_url=WRONG["nothing listens"], chroma_token=SECRET)
    assert SECRET not in f"{settings!r} {settings} {settings.servers!r} {Servers(f'https://a:{SECRET}@b', SECRET, SECRET)!r}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_schemes(postgres_server: str, tmp_path: Path, scheme: str) -> None:
    """An address may be spelled in each way that is in use."""
    engine = open_database(tmp_path, called="The notes", url=postgres_server.replace("postgresql", scheme, 1))
    assert one(engine) == 1
    engine.dispose()


def test_a_password_that_is_wrong(postgres_server: str, tmp_path: Path) -> None:
    """A server that asks for a password and gets a wrong one is not asked again, and what it says is told."""
    with servers.psycopg.connect(postgres_server, autocommit=True) as connection:
        (path,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        rules = Path(path).read_text()
        connection.execute("CREATE ROLE ada LOGIN PASSWORD 'right'")
        Path(path).write_text(f"local all ada scram-sha-256\n{rules}")
        try:
            connection.execute("SELECT pg_reload_conf()")
            for password, told in (
                ("right", ""),
                (SECRET, 'password authentication failed .* "ada"'),
                ("", "no password supplied"),
            ):
                engine = open_database(
                    tmp_path, called="The notes", url=postgres_server.replace("postgres:", f"ada:{password}", 1)
                )
                if not told:
                    assert one(engine) == 1
                else:
                    with pytest.raises(LibraryError, match=rf"cannot be entered with FOOTNOTE_DATABASE_URL: .*{told}") as raised:
                        one(engine)
                    assert not isinstance(raised.value, ServerDown)
                engine.dispose()
        finally:
            Path(path).write_text(rules)
            connection.execute("DROP ROLE ada")
            connection.execute("SELECT pg_reload_conf()")


def test_a_database_that_is_not_there(postgres_server: str, tmp_path: Path) -> None:
    """It is told at once, as is a role, and the server is not called one that is down."""
    for before, after, told in (("/postgres?", "/missing?", 'database "missing"'), ("//postgres:", "//nobody:", 'role "nobody"')):
        engine = open_database(tmp_path, called="The notes", url=postgres_server.replace(before, after))
        with pytest.raises(LibraryError, match=f"cannot be entered with FOOTNOTE_DATABASE_URL: {told} does not exist") as raised:
            one(engine)
        assert not isinstance(raised.value, ServerDown)


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where its package is not installed, a sentence says how to install it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "retrieval.postgres")
    with pytest.raises(SettingsError, match=r"not installed\. Install it: pip install 'footnote\[postgres\]'"):
        open_database(tmp_path, called="The notes", url="postgresql://127.0.0.1/footnote")


def test_slow_statements(engine: sa.Engine) -> None:
    """A statement that the server is at work on may take as long as it needs."""
    assert one(engine, "SELECT 7 FROM pg_sleep(1)") == 7


def test_no_statement_takes_for_ever(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """But not for ever; what another connection waits for is given up too, and the server says why."""
    monkeypatch.setattr(postgres, "LONGEST_SECONDS", 0.5)
    with pytest.raises(ServerDown, match="does not answer any more"):
        one(engine, "SELECT 7 FROM pg_sleep(20)")


def test_a_server_that_hangs(engine: sa.Engine, postgres_server: str) -> None:
    """Whoever asks it is told in time, between two statements and within one; when it goes on, so does the same engine."""
    with engine.connect() as connection, servers.stopped(postgres_server):
        begun = time.monotonic()
        with pytest.raises(ServerDown):
            connection.execute(sa.select(1))
        with pytest.raises(ServerDown):
            one(engine)
        assert time.monotonic() - begun < 12
    assert one(engine) == 1


def test_a_connection_that_is_cut_off(postgres_server: str, tmp_path: Path) -> None:
    """Where nothing comes through any more, but the server is well, a statement fails in time, and the next one does not."""
    folder = Path(postgres_server.partition("host=")[2])
    with PostgresProxy(next(folder.glob(".s.PGSQL.*[0-9]")), tmp_path) as proxy:
        engine = open_database(tmp_path, called="The notes", url=postgres_server.replace(str(folder), str(tmp_path)))
        with engine.connect() as connection:
            connection.execute(sa.select(1))
            proxy.cut()
            with pytest.raises(ServerDown, match="does not answer any more"):
                connection.execute(sa.select(1))
        assert one(engine) == 1
        engine.dispose()


def test_connections_that_were_ended(engine: sa.Engine, postgres_server: str) -> None:
    """After a restart of the server, which ends every connection, the next statement works."""
    with servers.psycopg.connect(postgres_server) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'footnote@%'")
    assert one(engine) == 1


def test_text_that_postgres_refuses(engine: sa.Engine) -> None:
    """A zero character and half of a surrogate pair are replaced, each by one character, so that places stay right."""
    assert one(engine, "SELECT :text", text="a\0b\ud800ü") == "a\ufffdb\ufffdü"


def test_refusals(engine: sa.Engine) -> None:
    """What a sound server refuses is told in one line, without the values of the statement."""
    with pytest.raises(LibraryError, match=r"division by zero\. Check") as raised:
        one(engine, "SELECT 1 / :zero", zero=0)
    assert not isinstance(raised.value, ServerDown)
