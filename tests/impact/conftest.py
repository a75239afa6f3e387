"""The document tests run on whichever database holds the documents: the default one, or MongoDB's wire with DOCUMENTS_UNDER_TEST."""

import pytest
from django.conf import settings
from django.db import connections

from goodplay.lib.documents import ALIAS


def pytest_collection_modifyitems(items):
    if not settings.MONGODB_URL:
        skip = pytest.mark.skip(reason="needs MongoDB's wire: python -m tests.impact.on_mongodb")
        for item in items:
            if "wire" in item.fixturenames:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def _document_database(django_db_setup, django_db_blocker):
    """A migrated test database for the documents, and what its migrations put there."""
    if not settings.MONGODB_URL:
        yield None
        return
    connection = connections[ALIAS]
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        yield {table: list(connection.get_collection(table).find()) for table in _collections(connection)}
        connection.creation.destroy_test_db(name, verbosity=0)


@pytest.fixture(autouse=True)
def _documents_as_migrated(request, _document_database):
    """Documents take no part in the test's transaction, so they are put back by hand."""
    yield
    if _document_database is not None:
        with request.getfixturevalue("django_db_blocker").unblock():
            for table, documents in _document_database.items():
                collection = connections[ALIAS].get_collection(table)
                collection.delete_many({})
                if documents:
                    collection.insert_many(documents)


@pytest.fixture
def wire(db):
    """The connection to MongoDB; tests that ask for it are skipped without one."""
    return connections[ALIAS]


@pytest.fixture
def documents_apart():
    """1 when the documents live elsewhere: a query counted on the default database is then not among those of documents."""
    return int(bool(settings.MONGODB_URL))


@pytest.fixture
def settled(django_capture_on_commit_callbacks):
    """`with settled():` commits as far as events can tell: they reach every handler before the block is left."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def _collections(connection):
    return [name for name in connection.introspection.table_names() if name != "django_migrations"]
