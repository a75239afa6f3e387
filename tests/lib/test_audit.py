from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit import trail
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.audit.tasks import verify_audit_trail
from goodplay.lib.db import install_append_only_triggers
from tests.factories.accounts import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def note(actor, target, **after):
    return trail.record(actor=actor, action="change", target=target, after=after, reason="why", now=NOW)


def test_entries_form_a_chain_that_can_be_proved():
    staff, target = StaffFactory(), UserFactory()
    first, second = note(staff, target, name="a"), note(None, target, name="b")

    assert (first.previous_hash, second.previous_hash) == (trail.GENESIS, first.hash)
    assert trail.broken_entries() == []
    call_command("verify_audit_trail")


def test_the_trail_cannot_be_changed():
    note(StaffFactory(), UserFactory())

    for change in (lambda: AuditEntry.objects.update(reason="x"), lambda: AuditEntry.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_change_made_behind_the_triggers_shows():
    for name in "abc":
        note(StaffFactory(), UserFactory(), name=name)
    _forge("UPDATE audit_auditentry SET reason = 'nothing' WHERE sequence = 2")

    assert trail.broken_entries() == [2]
    with pytest.raises(CommandError, match="broken at 2"):
        call_command("verify_audit_trail")


def test_the_night_raises_an_alert_about_a_broken_chain_once():
    for name in "abc":
        note(StaffFactory(), UserFactory(), name=name)
    sound = verify_audit_trail()
    _forge("UPDATE audit_auditentry SET reason = 'nothing' WHERE sequence = 2")

    broken = [verify_audit_trail() for _night in range(2)]

    alert = Alert.objects.get()
    assert (sound, broken) == ("both chains hold", ["broken: chain:audit_trail"] * 2)
    assert (alert.area, alert.severity, alert.count) == ("security", "critical", 2)
    assert alert.data == {"entries": "2", "broken": 1}


def test_a_removed_entry_shows():
    for name in "abc":
        note(StaffFactory(), UserFactory(), name=name)
    _forge("DELETE FROM audit_auditentry WHERE sequence = 2")

    assert trail.broken_entries() == [3]


def _forge(statement):
    """Do what only somebody with the database's own rights could."""
    table = "audit_auditentry"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER "{table}_no_update"')
            cursor.execute(f'DROP TRIGGER "{table}_no_delete"')
        else:
            cursor.execute(f'DROP TRIGGER "{table}_append_only" ON "{table}"')
        cursor.execute(statement)
    install_append_only_triggers(connection)
