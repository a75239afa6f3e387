"""The database as the migrations left it, put back after each test that commits for real.

Django empties every table after such a test and fills it from JSON before the next: with this many tables that is more
work than the tests. Here SQLite gets the pages of its file back, PostgreSQL the rows of those tables that changed.
"""

import sqlite3
from collections.abc import Callable
from itertools import count

from django.db import connection, transaction
from django.test import TransactionTestCase

BUSY_TRIES = 40  # a quarter of a second each: somebody left a transaction open


def put_back_instead_of_flushing() -> None:
    """Change what Django does around each test with real commits, for the rest of this process.

    The first one finds the database as the migrations left it: tests before it were rolled back.
    """
    put_back: list[Callable[[], None]] = []

    def remember(_case: type[TransactionTestCase]) -> None:
        if not put_back:
            put_back.append(_pages() if connection.vendor == "sqlite" else _rows())

    TransactionTestCase._fixture_setup = classmethod(remember)
    TransactionTestCase._fixture_teardown = lambda _case: put_back[0]()


def _pages() -> Callable[[], None]:
    connection.ensure_connection()
    copy = sqlite3.connect(":memory:")
    connection.connection.backup(copy)

    def put_back() -> None:
        tries = count(1)

        def give_up(*_progress: int) -> None:
            if next(tries) > BUSY_TRIES:
                raise sqlite3.OperationalError("the test left a transaction open")

        connection.ensure_connection()
        copy.backup(connection.connection, progress=give_up)

    return put_back


def _rows() -> Callable[[], None]:
    tables = connection.introspection.table_names()
    as_migrated = _fingerprints(tables)
    rows = {table: _read(table) for table in tables if as_migrated[table]}

    def put_back() -> None:
        found = _fingerprints(tables)
        changed = [table for table in tables if found[table] != as_migrated[table]]
        if not changed:
            return
        # Foreign keys are checked at the commit. A table with changes under way takes no ALTER: triggers come back after it.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")
            for table in changed:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            for table in changed:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  (a table of our own)
                _write(cursor, table, rows.get(table, []))
        with transaction.atomic(), connection.cursor() as cursor:
            for table in changed:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')

    return put_back


def _fingerprints(tables: list[str]) -> dict[str, str | None]:
    """Say what is in each table; None for an empty one."""
    asked = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(r::text, ' ' ORDER BY r::text)) FROM \"{table}\" r"  # noqa: S608  (as above)
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return dict(cursor.fetchall())


def _read(table: str) -> list[bytes]:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
        return [bytes(part) for part in rows]


def _write(cursor, table: str, rows: list[bytes]) -> None:
    if rows:
        with cursor.copy(f'COPY "{table}" FROM STDIN') as out:
            for part in rows:
                out.write(part)
