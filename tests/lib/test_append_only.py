"""Facts stay: the database itself refuses to change, delete, replace or empty them."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from goodplay.lib.db import append_only_models
from goodplay.lib.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def fact():
    return Event.objects.create(name="happened", recorded_at=timezone.now())


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_facts_cannot_be_changed_or_deleted(fact):
    for change in (lambda: Event.objects.update(name="x"), fact.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_facts_cannot_be_replaced_or_swept_away(fact):
    table, columns = Event._meta.db_table, [field.column for field in Event._meta.concrete_fields]
    replace = f"INSERT OR REPLACE INTO {table} SELECT {', '.join(columns)} FROM {table}"  # noqa: S608
    statement = f"TRUNCATE {table} CASCADE" if connection.vendor == "postgresql" else replace

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)

    assert Event.objects.get() == fact


def test_every_table_of_facts_is_guarded():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
            expected = {"append_only", "no_truncate"}
        else:
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
            expected = {"no_update", "no_delete", "no_replace"}
        found = set(cursor.fetchall())

    tables = {model._meta.db_table for model in append_only_models()}
    assert {(table, f"{table}_{name}") for table in tables for name in expected} <= found
    assert len(tables) >= 12
