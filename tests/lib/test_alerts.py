"""Alerts: raised once and counted, mailed to whom they concern, handled by those who hold the right."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import transaction
from django.urls import reverse

from goodplay.lib.alerts import operations
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied
from goodplay.lib.events.models import Event
from tests.factories.accounts import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def warn(*, key="disk", severity="medium", now=NOW, area="system", title="The disk is filling up", **more):
    return operations.raise_alert(
        area=area,
        alert_type="disk_usage",
        severity=severity,
        title=title,
        dedupe_key=key,
        source="tests",
        now=now,
        **more,
    )


def holder(area, **columns):
    """Somebody of the staff who may handle the alerts of one area, and nothing else."""
    person = StaffFactory(is_superuser=False, **columns)
    person.user_permissions.add(Permission.objects.get(codename=f"handle_{area}"))
    return person


def announced():
    return list(Event.objects.filter(name__startswith="alert_").order_by("pk").values_list("name", flat=True))


def test_an_alert_is_raised_once_and_counted():
    first = warn(data={"percent": 91})
    again = warn(data={"percent": 93}, now=LATER)

    again.refresh_from_db()
    assert (first.pk, again.count, again.data) == (again.pk, 2, {"percent": 93})
    assert (again.first_seen_at, again.last_seen_at) == (NOW, LATER)
    assert announced() == ["alert_opened"]


def test_what_was_resolved_opens_anew():
    first = warn()
    assert operations.resolve_alert(dedupe_key="disk", now=LATER) is True
    assert operations.resolve_alert(dedupe_key="disk", now=LATER) is False

    second = warn(now=LATER)

    first.refresh_from_db()
    assert (first.status, first.resolved_at, first.resolved_by) == ("resolved", LATER, None)
    assert (second.pk != first.pk, second.count) == (True, 1)
    assert announced() == ["alert_opened", "alert_resolved", "alert_opened"]


def test_one_that_becomes_worse_is_open_again():
    alert, person = warn(), holder("system")
    operations.acknowledge(alert=alert, by=person, notes="Looking.", now=NOW)

    warn(severity="critical", now=LATER)

    alert.refresh_from_db()
    assert (alert.status, alert.severity, alert.acknowledged_by) == ("open", "critical", None)
    assert announced() == ["alert_opened", "alert_acknowledged", "alert_worsened"]


def test_one_that_becomes_milder_stays_acknowledged():
    alert, person = warn(severity="high"), holder("system")
    operations.acknowledge(alert=alert, by=person, now=NOW)

    warn(severity="low", now=LATER)

    alert.refresh_from_db()
    assert (alert.status, alert.severity, alert.acknowledged_by) == ("acknowledged", "low", person)


@pytest.mark.parametrize("wrong", [{"severity": "horrible"}, {"area": "kitchen"}])
def test_an_alert_of_no_known_kind_is_a_mistake_of_the_caller(wrong):
    with pytest.raises(ValueError, match="is not a valid"):
        warn(**wrong)

    assert not Alert.objects.exists()


def test_a_caller_that_refuses_takes_its_alert_back(django_capture_on_commit_callbacks):
    StaffFactory()

    @transaction.atomic
    def refuse():
        warn(severity="critical")
        raise AccessDenied

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(AccessDenied):
        refuse()

    assert (Alert.objects.count(), len(mail.outbox)) == (0, 0)


def test_grave_alerts_are_mailed_to_those_who_may_handle_them(django_capture_on_commit_callbacks):
    own, boss = holder("system", email="own@example.org"), StaffFactory(email="boss@example.org")
    by_role = StaffFactory(is_superuser=False, email="role@example.org")
    by_role.groups.add(Group.objects.get(name="admin"))
    holder("financial"), holder("system", is_active=False), UserFactory()

    with django_capture_on_commit_callbacks(execute=True):
        alert = warn(severity="high", message="Two gigabytes are left.")
        warn(severity="high", message="Two gigabytes are left.")

    assert sorted(each.to[0] for each in mail.outbox) == sorted([own.email, boss.email, by_role.email])
    assert mail.outbox[0].subject == "Alert: The disk is filling up"
    assert "Two gigabytes are left." in mail.outbox[0].body
    assert reverse("admin:alerts_alert_change", args=[alert.pk]) in mail.outbox[0].body


def test_minor_alerts_are_not_mailed_until_they_worsen(django_capture_on_commit_callbacks):
    StaffFactory(preferred_language="it")
    with django_capture_on_commit_callbacks(execute=True):
        warn(severity="medium")
    before = len(mail.outbox)

    with django_capture_on_commit_callbacks(execute=True):
        warn(severity="critical", now=LATER)

    assert (before, len(mail.outbox)) == (0, 1)


def test_acknowledging_and_resolving_are_on_the_trail():
    alert, person = warn(), holder("system")

    operations.acknowledge(alert=alert, by=person, notes="Looking.", now=NOW, address="192.0.2.7")
    operations.resolve(alert=alert, by=person, notes="Made room.", now=LATER, address="192.0.2.7")

    alert.refresh_from_db()
    assert (alert.status, alert.resolved_by, alert.notes) == ("resolved", person, "Looking.\nMade room.")
    entries = AuditEntry.objects.order_by("sequence").values_list("action", "actor", "reason", "address")
    assert list(entries) == [
        ("alert_acknowledge", person.pk, "Looking.", "192.0.2.7"),
        ("alert_resolve", person.pk, "Made room.", "192.0.2.7"),
    ]


def test_nobody_handles_alerts_of_an_area_that_is_not_theirs():
    alert, stranger = warn(area="financial"), holder("system")

    for act in (operations.acknowledge, operations.resolve):
        with pytest.raises(AccessDenied):
            act(alert=alert, by=stranger, notes="Mine now.", now=LATER)

    alert.refresh_from_db()
    assert (alert.status, alert.notes, AuditEntry.objects.count()) == ("open", "", 0)


def test_an_alert_is_acknowledged_once_and_resolved_once():
    alert, person = warn(), holder("system")
    operations.acknowledge(alert=alert, by=person, now=NOW)

    with pytest.raises(operations.AlertAlreadyAcknowledged):
        operations.acknowledge(alert=alert, by=holder("system"), now=LATER)
    with pytest.raises(operations.NotesRequired):
        operations.resolve(alert=alert, by=person, notes="  ", now=LATER)
    operations.resolve(alert=alert, by=person, notes="Done.", now=LATER)
    with pytest.raises(operations.AlertAlreadyResolved):
        operations.resolve(alert=alert, by=person, notes="Again.", now=LATER)

    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.notes) == (person, "Done.")


# The screen -----------------------------------------------------------------------------------------------------


def listed(client, **query):
    page = client.get(reverse("admin:alerts_alert_changelist"), query)
    return [alert.dedupe_key for alert in page.context["cl"].result_list]


def test_each_sees_the_alerts_of_their_areas(client):
    system, money = warn(key="s"), warn(key="m", area="financial", title="The bank is short of 1234.50")
    client.force_login(holder("system"))

    assert listed(client) == ["s"]
    assert client.get(reverse("admin:alerts_alert_change", args=[system.pk])).status_code == 200
    assert client.get(reverse("admin:alerts_alert_change", args=[money.pk])).status_code == 302
    assert client.post(reverse("admin:alerts_alert_do", args=[money.pk, "acknowledge"])).status_code == 404
    assert "1234.50" not in client.get(reverse("admin:alerts_alert_changelist")).text


def test_staff_without_any_area_have_no_screen(client):
    warn()
    client.force_login(StaffFactory(is_superuser=False))

    assert client.get(reverse("admin:alerts_alert_changelist")).status_code == 403


def test_the_worst_unresolved_stands_first(client):
    for key, severity, minute in (("a", "low", 0), ("b", "critical", 1), ("c", "high", 2), ("d", "high", 3)):
        warn(key=key, severity=severity, now=NOW + timedelta(minutes=minute))
    warn(key="over", severity="critical", now=LATER)
    operations.resolve_alert(dedupe_key="over", now=LATER)
    client.force_login(StaffFactory())

    assert listed(client) == ["b", "d", "c", "a", "over"]
    assert listed(client, status="unresolved", severity__exact="high") == ["d", "c"]
    assert listed(client, status="resolved") == ["over"]


def test_the_buttons_acknowledge_and_resolve(client):
    alert, person = warn(data={"free_percent": 4, "full_on": NOW, "owner": None}), holder("system")
    client.force_login(person)
    address = reverse("admin:alerts_alert_change", args=[alert.pk])

    page = client.get(address)
    client.post(reverse("admin:alerts_alert_do", args=[alert.pk, "acknowledge"]), {"notes": ""})
    client.post(reverse("admin:alerts_alert_do", args=[alert.pk, "resolve"]), {"notes": "Made room."})

    alert.refresh_from_db()
    for fact in ("free percent</th><td>4", "full on</th><td>4 Mar 2026, 13:00", "owner</th><td>-"):
        assert f"<th scope=row>{fact}</td>" in page.text
    assert (alert.status, alert.acknowledged_by, alert.resolved_by) == ("resolved", person, person)
    assert "Resolve" not in [str(each["button"].label) for each in client.get(address).context["buttons"]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client, count, django_assert_num_queries):
    for number in range(count):
        operations.acknowledge(alert=warn(key=str(number)), by=holder("system"), now=NOW)
    client.force_login(StaffFactory())
    client.get(reverse("admin:alerts_alert_changelist"))

    with django_assert_num_queries(6):
        assert len(listed(client)) == count
