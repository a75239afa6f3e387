"""What the two engines (SQLite and PostgreSQL) must do alike: locks, claims, append-only tables."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Result = TypeVar("Result")
Part = TypeVar("Part")


class StaleVersion(Exception):
    """Somebody else changed the row between our read and our write."""


def retry_stale(attempt: Callable[[bool], Result], *, attempts: int = 3) -> Result:
    """Call again when a conditional update lost its race; the last StaleVersion rises.

    The first call reads freely (`attempt(False)`); a repeat must read with a row lock (`attempt(True)`), so it cannot
    lose again. Use inside one transaction, for attempts that write nothing before their conditional update.
    """
    for number in range(attempts - 1):
        try:
            return attempt(number > 0)
        except StaleVersion:
            continue
    return attempt(True)  # noqa: FBT003  (the meaning stands above)


def claim(rows: "models.QuerySet[Any]", **changes: Any) -> bool:
    """Change the one row that still matches, and say whether it did: the way to win a race without waiting."""
    return rows.update(**changes) == 1


def try_transaction_lock(name: str) -> bool:
    """Take a named lock until the transaction ends; False when a twin holds it.

    PostgreSQL: an advisory lock. SQLite: transactions are IMMEDIATE, so a twin cannot be running at all.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_number(name)])
        return bool(cursor.fetchone()[0])


def transaction_lock(name: str) -> None:
    """Wait for a named lock and hold it until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_number(name)])


@contextmanager
def held_alone(name: str) -> Iterator[bool]:
    """Hold a named lock while the block runs, over many transactions; False when a twin holds it.

    It ends with the connection, however the process dies. SQLite: its writers wait for each other, and that is all.
    """
    if connection.vendor != "postgresql":
        yield True
        return
    number = _lock_number(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours and connection.is_usable():
            _run("SELECT pg_advisory_unlock(%s)", str(number))


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let every query inside see the same committed state, whatever others commit meanwhile.

    PostgreSQL: REPEATABLE READ, which only the outermost transaction can ask for. SQLite: writers wait.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def limited_statements(longest: timedelta) -> Iterator[None]:
    """Let the database give up every statement of this transaction that takes longer. SQLite knows no such limit."""
    if connection.vendor == "postgresql":
        milliseconds = str(longest // timedelta(milliseconds=1))
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
    yield


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def in_parts(values: Iterable[Part], size: int = 1000) -> Iterator[list[Part]]:
    """Hand values out in lists a single query can name: databases take only so many."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def is_reachable() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


# Append-only tables ---------------------------------------------------------------------------------------------


def append_only_models() -> Iterable[type[models.Model]]:
    """Yield the models that declare `append_only = True`: their rows are facts."""
    return (model for model in apps.get_models() if getattr(model, "append_only", False))


def install_append_only_triggers(database: BaseDatabaseWrapper = connection) -> None:
    """Make the database itself refuse to change, delete, replace or empty rows of append-only tables.

    Runs after every migrate: SQLite forgets triggers when a migration rebuilds a table.
    """
    existing = set(database.introspection.table_names())
    with database.cursor() as cursor:
        for model in append_only_models():
            if model._meta.db_table in existing:
                for statement in _trigger_statements(database.vendor, model):
                    cursor.execute(statement)


@contextmanager
def purging(model: type[models.Model]) -> Iterator[None]:
    """Let this transaction delete rows of one append-only table that declares `purgeable = True`.

    The only way past the triggers, for rows whose period is over: `goodplay.lib.retention` uses it and writes the proof.
    Changing a row stays impossible; tables that are not purgeable, such as those of money, refuse as ever.
    """
    if not getattr(model, "purgeable", False):
        raise ValueError(f"{model._meta.label} is not purgeable")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("rows are purged inside a transaction")
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        _run("SELECT set_config('goodplay.purging', %s, true)", table)
        yield
        _run("SELECT set_config('goodplay.purging', '', true)")
    else:
        # Part of the transaction: nobody else ever sees the table without its trigger.
        _run(f'DROP TRIGGER IF EXISTS "{table}_no_delete"')
        yield
        for statement in _trigger_statements(connection.vendor, model):
            _run(statement)


def _run(statement: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _trigger_statements(vendor: str, model: type[models.Model]) -> list[str]:
    table = model._meta.db_table
    if vendor == "sqlite":
        key = model._meta.pk.column
        # INSERT OR REPLACE deletes the old row without asking the DELETE trigger.
        known = f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE "{key}" = NEW."{key}") '  # noqa: S608  (our own names)
        return [
            f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{name}" BEFORE {verb} ON "{table}" {condition}'
            f"BEGIN SELECT RAISE(ABORT, 'append-only table: {table}'); END"
            for name, verb, condition in (
                ("update", "UPDATE", ""),
                ("delete", "DELETE", ""),
                ("replace", "INSERT", known),
            )
        ]
    if vendor == "postgresql":
        refuse = "refuse_change_but_purging" if getattr(model, "purgeable", False) else "refuse_change"
        return [
            "CREATE OR REPLACE FUNCTION refuse_change_but_purging() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF TG_OP = 'DELETE' AND current_setting('goodplay.purging', true) = TG_TABLE_NAME "
            "THEN RETURN OLD; END IF; RAISE EXCEPTION 'append-only table: %', TG_TABLE_NAME; END $$",
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only table: %', TG_TABLE_NAME; END $$",
            f'CREATE OR REPLACE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {refuse}()",
            f'CREATE OR REPLACE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    return []
