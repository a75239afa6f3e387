"""Fixtures every suite may use."""

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, settings
from rest_framework.test import APIClient

from tests.real_commits import put_back_instead_of_flushing

# How long an example takes says how busy the machine is, and nothing about the rule.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collection_modifyitems(items):
    """Skip, with its reason, what this database cannot prove."""
    if connection.vendor != "postgresql":
        skip = pytest.mark.skip(reason="needs PostgreSQL: make test-postgresql")
        for item in items:
            if "postgresql" in item.keywords:
                item.add_marker(skip)


def pytest_configure():
    put_back_instead_of_flushing()


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def api() -> APIClient:
    """A client that has not signed in; `api.force_authenticate(user)` signs it in."""
    return APIClient()


@pytest.fixture
def real_transactions(transactional_db) -> None:
    """Real commits, for threads and crashes. The database is put back afterwards: see tests/real_commits.py."""
