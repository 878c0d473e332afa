"""A backup put into a library: built beside what answers, checked, and put in its place in one step; then the conversations."""

import time
from collections.abc import Sequence
from contextlib import ExitStack

import sqlalchemy as sa

from bot.backup.making import Progress, counter
from bot.backup.manifest import Manifest
from bot.backup.stores import Stores, opened_stores
from bot.backup.tables import CONVERSATIONS, USAGE
from bot.exchanges import exchange
from bot.telegram.stored import STEPS, VERSION
from bot.telegram.tables import outgoing, person, secret
from retrieval.copying import Notify, copy_rows
from retrieval.database import insert, on_server
from retrieval.errors import LibraryError
from retrieval.library import Library
from retrieval.library.copies import copy_in

# Ids that may have been given since the backup was made: what a person sees in a chat still bears them, and a button of an answer
# that is forgotten never opens another one.
SPARE_IDS = 100_000
PATIENCE = "200ms"  # for one table: less than after which Postgres looks for those who wait for each other, and ends one
WAITED_LONG = "55P03"  # what Postgres says then
PAUSE_SECONDS = 0.1
LOCK_SECONDS = 60.0  # for bots to end what they have begun


def restore(backup: sa.Connection, manifest: Manifest, *, library: Library, replace: bool, notify: Progress) -> None:
    """Let a library and its conversations be those of a backup; without `replace` only where there are none.

    Nothing is embedded. Killed at any moment it leaves the old library or the new one, and done once more it comes to its end.
    Raises LibraryError.
    """
    count = counter(sum(manifest.counts.values()), notify)
    with ExitStack() as stack:
        stack.enter_context(library.writing())
        stack.enter_context(library.rebuilding())
        if not replace:  # before anything is made
            with opened_stores(library.folder, library.servers) as there:
                check_empty(library, there)
        stores = stack.enter_context(opened_stores(library.folder, library.servers, make=True))
        _restore_library(backup, library, stores, replace=replace, notify=count)
        if stores.conversations is not None and exchange.name in manifest.counts:
            _restore_conversations(backup, manifest, stores.conversations, notify=count)
        if stores.usage is not None and USAGE[0].name in manifest.counts:
            _restore_usage(backup, stores.usage)


def check_empty(library: Library, stores: Stores) -> None:
    """Refuse a place that has articles, conversations or people."""
    held = ["articles"] if library.catalogue.has_articles() else []
    if stores.conversations is not None:
        with stores.conversations.connect() as connection:
            for table, name in ((exchange, "conversations"), (person, "people")):
                held += [name] if connection.execute(sa.select(table.c.id).limit(1)).first() else []
    if held:
        message = f"There are {' and '.join(held)} already in the library of {library.folder}."
        raise LibraryError(message, help="Add --replace to put the backup in their place, or name another folder with --data.")


def _restore_library(backup: sa.Connection, library: Library, stores: Stores, *, replace: bool, notify: Notify) -> None:
    """Build the edition beside the current one and switch to it; whatever breaks off leaves the current one."""
    library.clear_editions(following=True)  # what a restore or rebuild that was broken off has left
    try:
        with library.following_edition() as restored:
            copy_in(backup, restored.catalogue, edition=restored.edition.number, notify=notify)
            restored.catch_up()
            _check_agreement(restored)
    except BaseException:
        library.clear_editions(following=True)
        raise
    while not library.editions.switch(library.catalogue.state().generation):  # another host has changed an article just now
        if not replace:
            check_empty(library, stores)


def _check_agreement(restored: Library) -> None:
    if not restored.status().agree:
        message = "The indexes of the restored library do not agree with its catalogue."
        raise LibraryError(message, help="Try again; nothing was changed.")


def _restore_conversations(backup: sa.Connection, manifest: Manifest, engine: sa.Engine, *, notify: Notify) -> None:
    """Put the conversations and people of a backup in the place of those that are there, all or none.

    Updates that wait to be answered and messages that wait to be sent stay, but belong to no exchange any more.
    """
    with engine.begin() as connection:
        _keep_others_out(connection, (*CONVERSATIONS, secret, outgoing))
        for table in (*CONVERSATIONS, secret):
            connection.execute(table.delete())
        connection.execute(outgoing.update().values(exchange=None))
        for table in CONVERSATIONS:
            copy_rows(table, backup, connection, notify=notify, spare=SPARE_IDS)
        for number in range(manifest.conversations, VERSION):
            STEPS[number](connection)


def _restore_usage(backup: sa.Connection, engine: sa.Engine) -> None:
    """Take over what was counted; of a day that is counted here too, the higher number, for it was spent."""
    for table in USAGE:
        with engine.begin() as connection:
            for row in backup.execute(sa.select(table)).mappings():
                statement = insert(connection, table).values(dict(row))
                higher = sa.case((table.c.tokens > statement.excluded.tokens, table.c.tokens), else_=statement.excluded.tokens)
                connection.execute(statement.on_conflict_do_update(index_elements=["day"], set_={"tokens": higher}))


def _keep_others_out(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Let bots wait until the transaction has ended, that what they write meanwhile is not in the way.

    A bot that has written to one table and waits for the next one gets it first: whoever waits for longer lets go of them all.
    """
    if not on_server(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                connection.exec_driver_sql(f"LOCK TABLE {', '.join(table.name for table in tables)} IN EXCLUSIVE MODE")
        except LibraryError as error:
            if getattr(error.__cause__, "sqlstate", "") != WAITED_LONG or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")  # for what comes after
            return
