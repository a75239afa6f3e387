"""The audit trail written by many at the same moment."""

from datetime import UTC, datetime

import pytest

from goodplay.lib.audit import trail
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.threads import at_once, crowd

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.race
def test_many_writers_make_one_line(real_transactions):
    staff, target = StaffFactory(), UserFactory()
    count = crowd(on_postgresql=30, elsewhere=6)

    at_once(
        count,
        lambda number: trail.record(
            actor=staff, action="change", target=target, after={"number": number}, reason="why", now=NOW
        ),
    )

    assert trail.broken_entries() == []
    assert AuditEntry.objects.count() == count
