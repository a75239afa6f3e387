"""Alerts raised at the same moment by many."""

from datetime import UTC, datetime

import pytest

from goodplay.lib.alerts.models import Alert
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.events.models import Event
from tests.threads import at_once, crowd

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def warn(_number):
    return raise_alert(
        area="system",
        alert_type="disk_usage",
        severity="medium",
        title="The disk is filling up",
        dedupe_key="disk",
        source="tests",
        now=NOW,
    )


@pytest.mark.race
def test_many_at_once_raise_one(real_transactions):
    count = crowd(on_postgresql=12, elsewhere=4)

    results = at_once(count, warn)

    alert = Alert.objects.get()
    assert ({result.pk for result in results}, alert.count) == ({alert.pk}, count)
    assert list(Event.objects.values_list("name", flat=True)) == ["alert_opened"]
