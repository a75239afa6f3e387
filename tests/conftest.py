"""Fixtures every suite may use."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from goodplay.lib.db import install_append_only_triggers


def pytest_collection_modifyitems(items):
    """Skip, with its reason, what this database cannot prove."""
    if connection.vendor != "postgresql":
        skip = pytest.mark.skip(reason="needs PostgreSQL: make test-postgresql")
        for item in items:
            if "postgresql" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def api() -> APIClient:
    """A client that has not signed in; `api.force_authenticate(user)` signs it in."""
    return APIClient()


@pytest.fixture
def real_transactions(transactional_db, django_db_serialized_rollback) -> Iterator[None]:
    """Real commits, for threads and crashes; rows of the data migrations are there.

    Append-only tables refuse to be emptied after the test, so their triggers go before that. Only tests like this one
    follow (pytest-django runs them last), and each begins by putting the triggers back.
    """
    yield
    _unlock_tables()


@pytest.fixture
def transactional_db(unlocked_tables, transactional_db) -> None:
    install_append_only_triggers(connection)


@pytest.fixture
def unlocked_tables(django_db_setup, django_db_blocker) -> None:
    """Let append-only tables take the rows of the data migrations once more: so each test with real commits begins."""
    with django_db_blocker.unblock():
        _unlock_tables()


def _unlock_tables() -> None:
    with connection.cursor() as cursor:
        for statement in _drop_triggers(cursor):
            cursor.execute(statement)


def _drop_triggers(cursor) -> list[str]:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return [f'DROP TRIGGER "{name}"' for (name,) in cursor.fetchall()]
    cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal")
    return [f'DROP TRIGGER "{name}" ON {table}' for name, table in cursor.fetchall()]
