"""Fixtures every suite may use."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from goodplay.lib.db import append_only_models, install_append_only_triggers


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

    Append-only tables refuse the DELETE that cleans up after the test on SQLite, so their triggers go first.
    """
    install_append_only_triggers(connection)
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for model in append_only_models():
                for verb in ("update", "delete"):
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{model._meta.db_table}_no_{verb}"')
