"""Reviews that come due, and the examination of every organisation every two years."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Onlus
from accounts.operations import examinations
from accounts.operations.application_states import OwnApplication
from accounts.tasks import watch_applications
from donations.operations import assessments
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.applications import MONDAY, approved

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
TWO_YEARS = timedelta(days=730)


@pytest.fixture
def on(django_capture_on_commit_callbacks):
    """`on(moment)` runs the nightly job then, and returns whom it mailed."""

    def run(moment):
        mail.outbox.clear()
        with time_machine.travel(moment, tick=False), django_capture_on_commit_callbacks(execute=True):
            watch_applications()
        return [(sent.to[0], sent.subject) for sent in mail.outbox]

    return run


def found(api, moment):
    cache.clear()
    with time_machine.travel(moment, tick=False):
        return len(api.get("/api/onlus/organizations/search", {"q": "amici"}).json()["data"])


def open_alerts():
    return Alert.objects.exclude(status="resolved").filter(alert_type="examination_overdue").count()


# Reviews ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "due"),
    [
        ({}, False),
        ({"compliance_score": Decimal("69.99")}, True),
        ({"compliance_score": Decimal(70)}, False),
        ({"compliance_status": "under_investigation"}, True),
        ({"next_review_at": None}, True),
        ({"next_review_at": NOW}, True),
        # Reviewed 181 and 179 days ago, with more than 100,000 EUR received, and with no more than that.
        ({"next_review_at": NOW + timedelta(days=184), "total_donations_received": "100000.01"}, True),
        ({"next_review_at": NOW + timedelta(days=186), "total_donations_received": "100000.01"}, False),
        ({"next_review_at": NOW + timedelta(days=184), "total_donations_received": "100000.00"}, False),
    ],
)
def test_a_review_is_due_by_the_rules_of_the_specification(columns, due):
    onlus = OnlusFactory(**{"next_review_at": NOW + timedelta(days=300), **columns})
    onlus.refresh_from_db()

    assert onlus.needs_review(NOW) is due
    assert Onlus.objects.needing_review(NOW).exists() is due


# Examinations ----------------------------------------------------------------------------------------------------


def test_owners_are_asked_once_staff_are_alerted_and_then_no_search_finds_it(on, api):
    onlus = OnlusFactory(last_examined_at=NOW)
    owner = MembershipFactory(onlus=onlus, user=UserFactory(email="owner@amici.example")).user
    MembershipFactory(onlus=onlus, role="viewer")
    due = NOW + TWO_YEARS
    asked = [(owner.email, "Our staff will look at your papers again")]

    assert on(due - timedelta(days=60, seconds=1)) == []
    assert on(due - timedelta(days=60)) == asked
    assert on(due - timedelta(days=59)) == []
    assert open_alerts() == 0
    assert on(due) == []
    on(due + timedelta(days=1))
    assert open_alerts() == 1
    assert found(api, due + timedelta(days=30) - timedelta(seconds=1)) == 1
    assert found(api, due + timedelta(days=30)) == 0

    with time_machine.travel(due + timedelta(days=31), tick=False):
        examinations.note(
            onlus=onlus, actor=StaffFactory(), reason="Read it all.", now=due + timedelta(days=31)
        )
    assert open_alerts() == 0
    assert found(api, due + timedelta(days=31)) == 1
    assert on(due + timedelta(days=31) + TWO_YEARS - timedelta(days=60)) == asked


@pytest.mark.parametrize(("days", "left"), [(10, 720), (670, 60), (2000, 60)])
def test_those_of_before_are_dated_with_time_to_be_asked(on, days, left):
    onlus = OnlusFactory(verified_at=NOW - timedelta(days=days))

    on(NOW)

    onlus.refresh_from_db()
    assert onlus.examination_due_at == NOW + timedelta(days=left)


def test_papers_must_hold_before_an_examination_is_noted(settings, tmp_path, client):
    settings.PRIVATE_FILES_ROOT = str(tmp_path)
    dossier = approved()
    onlus, staff = dossier.onlus, StaffFactory()
    Onlus.objects.filter(pk=onlus.pk).update(status="active", verified_at=MONDAY, last_examined_at=MONDAY)
    client.force_login(staff)
    address = reverse("admin:accounts_onlus_do", args=[onlus.pk, "examine"])
    paper = dossier.documents.current().get(document_type="insurance_coverage")
    paper.status = "expired"
    paper.save(update_fields=["status"])

    with time_machine.travel(NOW, tick=False):
        refused = client.post(address, {"reason": "Read it all."}, follow=True)
        onlus.refresh_from_db()
        assert "Not every required document holds" in refused.text
        assert onlus.last_examined_at == MONDAY

        paper.status = "approved"
        paper.save(update_fields=["status"])
        client.post(address, {"reason": "Read it all."}, follow=True)

    onlus.refresh_from_db()
    assert onlus.last_examined_at == NOW
    entry = AuditEntry.objects.get(action="onlus_examine")
    assert (entry.actor_id, entry.reason) == (staff.pk, "Read it all.")


def test_nobody_examines_the_own_organisation():
    onlus, staff = OnlusFactory(last_examined_at=NOW - TWO_YEARS), StaffFactory()
    MembershipFactory(onlus=onlus, user=staff)

    with pytest.raises(OwnApplication):
        examinations.note(onlus=onlus, actor=staff, reason="Mine.", now=NOW)

    onlus.refresh_from_db()
    assert onlus.last_examined_at == NOW - TWO_YEARS


def test_an_examination_ends_the_warning_of_an_old_verification():
    onlus = OnlusFactory(verified_at=NOW - timedelta(days=366))
    assert "verification_outdated" in types_of(onlus)

    examinations.note(onlus=onlus, actor=StaffFactory(), reason="Read it all.", now=NOW)
    onlus.refresh_from_db()

    assert "verification_outdated" not in types_of(onlus)


def types_of(onlus):
    assessments.assess(onlus=onlus, now=NOW)
    return set(onlus.compliance_issues.filter(resolved_at=None).values_list("issue_type", flat=True))
