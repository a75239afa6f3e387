"""The audit trail's own period: what is over goes into the archive, and the chain still proves the rest."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from goodplay.lib.audit import trail
from goodplay.lib.audit.models import AuditCheckpoint, AuditEntry
from goodplay.lib.db import install_append_only_triggers
from goodplay.lib.private_files.operations import open_file
from goodplay.lib.retention import operations
from goodplay.lib.retention.models import DeletionProof, RetentionPolicy
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
YEAR = timedelta(days=366)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path)


def note(target, years, **facts):
    return trail.record(
        actor=None, action="change", target=target, after=facts, reason="why", now=NOW - YEAR * years
    )


@pytest.fixture
def history():
    """Entries 1 to 7: a person three times, money, the person, an organisation; the person a year ago."""
    person, onlus = UserFactory(), OnlusFactory()
    money = make_donation(UserFactory(), onlus, "2.00", now=NOW - YEAR)
    targets = [(person, 3), (person, 3), (person, 3), (money, 3), (person, 3), (onlus, 3), (person, 1)]
    return [note(target, years, number=number) for number, (target, years) in enumerate(targets, 1)]


def sequences():
    return list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True))


def test_what_is_over_goes_and_the_chain_still_holds(history):
    assert operations.purge(kind="audit_rest", now=NOW) == 4
    assert operations.purge(kind="audit_organisations", now=NOW) == 0

    gaps = AuditCheckpoint.objects.order_by("first_sequence").values_list("first_sequence", "last_sequence")
    assert (sequences(), list(gaps)) == ([4, 6, 7], [(1, 3), (5, 5)])
    assert trail.broken_entries() == []
    note(OnlusFactory(), 0)
    assert trail.broken_entries() == []


def test_the_archive_holds_what_went(history):
    operations.purge(kind="audit_rest", now=NOW)
    archive = AuditCheckpoint.objects.first().archive

    content = open_file(file=archive, actor=StaffFactory(), purpose="an audit", now=NOW)

    lines = [json.loads(line) for line in content.decode().splitlines()]
    assert [line["sequence"] for line in lines] == [1, 2, 3, 5]
    assert [line["hash"] for line in lines] == [history[number].hash for number in (0, 1, 2, 4)]
    assert DeletionProof.objects.get().count == 4


def test_money_and_the_last_entry_stay_however_old(history):
    RetentionPolicy.objects.filter(kind__startswith="audit_").update(days=1)

    operations.purge_all(now=NOW + YEAR * 30)

    assert sequences() == [4, 7]
    assert trail.broken_entries() == []


def test_an_entry_removed_without_a_checkpoint_shows(history):
    operations.purge(kind="audit_rest", now=NOW)
    _forge("DELETE FROM audit_auditentry WHERE sequence = 4")

    assert trail.broken_entries() == [6]


def test_a_checkpoint_cannot_be_changed(history):
    operations.purge(kind="audit_rest", now=NOW)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditCheckpoint.objects.update(last_sequence=6)


def test_a_purge_that_fails_leaves_trail_and_proofs_as_they_were(history, settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "file" / "below")

    with pytest.raises(OSError):  # noqa: PT011  (whatever the disk says)
        operations.purge(kind="audit_rest", now=NOW)

    assert (sequences(), DeletionProof.objects.count()) == ([1, 2, 3, 4, 5, 6, 7], 0)
    assert AuditCheckpoint.objects.count() == 0


def _forge(statement):
    """Do what only somebody with the database's own rights could."""
    table = "audit_auditentry"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER "{table}_no_delete"')
        else:
            cursor.execute(f'DROP TRIGGER "{table}_append_only" ON "{table}"')
        cursor.execute(statement)
    install_append_only_triggers(connection)
