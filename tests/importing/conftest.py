"""The old database: on MongoDB's wire in the suite of documents, in memory elsewhere."""

from contextlib import contextmanager
from importlib import import_module
from io import StringIO

import pytest
from django.conf import settings
from django.utils import timezone

from donations.queries.books import contradictions
from goodplay.importing.report import Report
from goodplay.importing.running import bring_over
from goodplay.importing.source import Source, opened
from tests.impact.conftest import _document_database, _documents_as_migrated  # noqa: F401
from tests.importing.memory import Database

NAME = "goodplay_old"


@pytest.fixture
def old_url():
    if not settings.MONGODB_URL:
        pytest.skip("needs MongoDB's wire: python -m tests.impact.on_mongodb")
    return settings.MONGODB_URL.rsplit("/", 1)[0] + f"/{NAME}"


@pytest.fixture
def old():
    """The old database, empty."""
    if not settings.MONGODB_URL:
        yield Database()
        return
    client = import_module("pymongo").MongoClient(settings.MONGODB_URL)
    client.drop_database(NAME)
    yield client[NAME]
    client.drop_database(NAME)
    client.close()


@contextmanager
def read(database, batch_size):
    """Open the old database as the command does; what is in memory needs no opening."""
    if isinstance(database, Database):
        yield Source(database, batch_size)
    else:
        with opened(settings.MONGODB_URL.rsplit("/", 1)[0] + f"/{NAME}", batch_size) as source:
            yield source


@pytest.fixture
def run(old):
    """`run()` imports the old database and returns what came of it, with the lines of the file in `lines`."""

    def run(batch_size=2, **options):
        file = StringIO()
        with read(old, batch_size) as source:
            report = bring_over(source=source, report=Report(file), now=timezone.now(), **options)
        report.lines = [line.split(",", 4) for line in file.getvalue().splitlines()[1:]]
        return report

    return run


@pytest.fixture(autouse=True)
def books_balance(request):
    yield
    if "django_db" in request.keywords and "unbalanced" not in request.keywords:
        assert contradictions() == []
