"""Exempting somebody from a check: asked for by one, approved by another."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from donations.models import ComplianceCheck, ComplianceNotification
from donations.operations.compliance import checks, watching
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW

pytestmark = pytest.mark.django_db


def opened(**changes):
    facts = {
        "check_type": "aml",
        "risk_level": "critical",
        "risk_score": Decimal("75.00"),
        "risk_factors": [],
        "results": {},
        "reason": "A rule",
        "now": NOW,
    }
    return checks.open_check(user=UserFactory(), **(facts | changes))


@pytest.fixture
def officer(client):
    staff = StaffFactory(is_superuser=False)
    staff.groups.add(Group.objects.get(name="compliance"))
    client.force_login(staff)
    return staff


def asked(client, check, reason="A public body"):
    address = reverse("admin:donations_compliancecheck_change", args=[check.pk])
    return client.post(address.replace("/change/", "/do/exempt/"), {"reason": reason}, follow=True)


def test_two_people_exempt_from_a_check(client, officer):
    check, decider = opened(), StaffFactory()

    asked(client, check)
    check.refresh_from_db()
    between = (check.status, check.approval_required)
    request = ApprovalRequest.objects.get(kind=checks.EXEMPTION)
    with pytest.raises(FourEyesRequired):
        approvals.approve(request=request, decided_by=officer, now=NOW)
    approvals.approve(request=request, decided_by=decider, now=NOW)

    check.refresh_from_db()
    assert between == ("requires_review", True)
    assert (check.status, check.approval_required, check.exemption_reason) == (
        "exempted",
        False,
        "A public body",
    )
    assert (check.reviewed_by, check.approved_by, check.approved_at) == (officer, decider, NOW)
    assert AuditEntry.objects.filter(action="compliance_check_exempted").count() == 1


def test_a_refused_exemption_leaves_the_check_waiting(client, officer):
    check = opened()
    asked(client, check)

    approvals.reject(
        request=ApprovalRequest.objects.get(), decided_by=StaffFactory(), reason="No ground", now=NOW
    )

    check.refresh_from_db()
    assert (check.status, check.approval_required, check.exemption_reason) == ("requires_review", False, "")


def test_a_check_decided_meanwhile_is_not_exempted(client, officer):
    check = opened()
    asked(client, check)
    checks.reject(check=check, decided_by=StaffFactory(), notes="No papers", now=NOW)

    with pytest.raises(checks.CheckAlreadyDecided):
        approvals.approve(request=ApprovalRequest.objects.get(), decided_by=StaffFactory(), now=NOW)

    check.refresh_from_db()
    assert (check.status, check.approved_by, check.approval_required) == ("failed", None, False)


def test_nobody_is_exempted_by_themselves_or_without_the_right(client):
    check = opened()
    client.force_login(StaffFactory(is_superuser=False))

    answer = asked(client, check)

    check.refresh_from_db()
    assert (answer.status_code, check.approval_required, ApprovalRequest.objects.count()) == (403, False, 0)
    with pytest.raises(DatabaseError), transaction.atomic():
        ComplianceCheck.objects.update(
            status="exempted", completed_at=NOW, approved_by=check.user, approved_at=NOW, exemption_reason="I"
        )


def test_who_was_told_of_a_check_stays_with_it(api):
    check = opened(now=timezone.now())

    watching.warn(check_id=check.check_id, now=timezone.now())
    officer = UserFactory(is_staff=True)
    officer.groups.add(Group.objects.get(name="compliance"))
    api.force_authenticate(officer)
    data = api.get(f"/api/compliance/users/{check.user_id}/status").json()["data"]["pending_checks"][0]

    told = ComplianceNotification.objects.get()
    assert (told.compliance_check, told.kind, told.recipient) == (check, "critical", "compliance")
    assert (data["notifications_count"], data["approval_required"], data["external_check_ids"]) == (
        1,
        False,
        [],
    )
