"""How an organisation stands: moved by the buttons of the back office, told to its people, believed by every door."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from accounts.models import Onlus, OnlusInvitation
from accounts.operations import standing
from donations.models import Donation, RecurringDonation
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import give_credits

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
Status = Onlus.Status
REASON = "Papers of 2025 are missing."


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def officer(client):
    user = UserFactory(is_staff=True, email="rita@goodplay.example")
    user.groups.add(Group.objects.get(name="compliance"))
    client.force_login(user)
    return user


def press(client, onlus, name, **data):
    return client.post(reverse("admin:accounts_onlus_do", args=[onlus.pk, name]), data, follow=True)


def state(onlus):
    onlus.refresh_from_db()
    return onlus.status


def test_a_suspended_organisation_takes_nothing_until_it_is_open_again(
    client, officer, api, django_capture_on_commit_callbacks
):
    owner = MembershipFactory()
    onlus, player = owner.onlus, UserFactory()
    give_credits(player, "20.00", now=NOW)
    api.force_authenticate(player)

    def give():
        return api.post("/api/donations/create", {"amount": 1, "onlus_id": str(onlus.pk)}).json()["message"]

    def plan():
        body = {"amount": 5, "interval": "monthly", "onlus_id": str(onlus.pk)}
        return api.post("/api/donations/recurring/setup", body).json()["message"]

    with django_capture_on_commit_callbacks(execute=True):
        press(client, onlus, "suspend", reason=REASON)
    assert state(onlus) == Status.SUSPENDED
    assert (onlus.suspension_reason, onlus.suspended_at) == (REASON, NOW)
    assert [message.to for message in mail.outbox] == [[owner.user.email]]
    assert REASON in mail.outbox[0].body
    assert {give(), plan()} == {"ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"}
    assert (Donation.objects.count(), RecurringDonation.objects.count()) == (0, 0)

    press(client, onlus, "reactivate", reason="The papers are here.")
    assert state(onlus) == Status.ACTIVE
    assert (onlus.suspension_reason, onlus.suspended_at) == ("", None)
    assert give() == "DONATION_SUCCESS"
    changes = AuditEntry.objects.filter(action="onlus_status").order_by("sequence")
    assert [(entry.actor, entry.after["status"], entry.reason) for entry in changes] == [
        (officer, "suspended", REASON),
        (officer, "active", "The papers are here."),
    ]


ALLOWED = {(start, end) for start, ends in standing.MOVES.items() for end in ends}
BUTTONS = {
    Status.SUSPENDED: "suspend",
    Status.ACTIVE: "reactivate",
    Status.UNDER_REVIEW: "review",
    Status.INACTIVE: "set_inactive",
    Status.DEACTIVATED: "deactivate",
}


@pytest.mark.parametrize("start", list(Status))
def test_only_the_moves_of_the_rules_are_offered(client, officer, start):
    assert {
        ("active", "suspended"),
        ("active", "under_review"),
        ("active", "inactive"),
        ("under_review", "active"),
        ("under_review", "suspended"),
        ("suspended", "active"),
        ("suspended", "deactivated"),
        ("inactive", "under_review"),
    } == ALLOWED
    for end, name in BUTTONS.items():
        onlus = OnlusFactory(status=start)

        press(client, onlus, name, reason=REASON)

        assert state(onlus) == (end if (start, end) in ALLOWED else start)


FORMS = {
    "suspend": {},
    "review": {},
    "set_inactive": {},
    "feature": {"days": 7},
    "set_level": {"level": "premium"},
    "judge": {"status": "minor_issues", "notes": ""},
}


@pytest.mark.parametrize("name", FORMS)
def test_staff_with_a_seat_leave_their_organisation_to_a_colleague(client, officer, name):
    onlus = MembershipFactory(user=officer, role="viewer").onlus
    before = Onlus.objects.values().get()

    told = press(client, onlus, name, reason=REASON, **FORMS[name]).text

    assert "a colleague decides" in told
    assert Onlus.objects.values().get() == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("start", "name"), [("suspended", "reactivate"), ("suspended", "deactivate")])
def test_nor_do_they_end_its_suspension(client, officer, start, name):
    onlus = MembershipFactory(user=officer, role="viewer", onlus__status=start).onlus

    told = press(client, onlus, name, reason=REASON).text

    assert "a colleague decides" in told
    assert state(onlus) == start


def test_nor_do_they_stop_showing_it_first(client, officer):
    until = NOW + timedelta(days=3)
    onlus = MembershipFactory(user=officer, role="viewer", onlus__featured_until=until).onlus

    press(client, onlus, "stop_featuring")

    onlus.refresh_from_db()
    assert onlus.featured_until == until


def test_who_was_never_verified_is_not_opened_by_a_button(client, officer):
    onlus = OnlusFactory(status=Status.UNDER_REVIEW, verified_at=None)

    press(client, onlus, "reactivate", reason=REASON)

    assert state(onlus) == Status.UNDER_REVIEW
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("days", "is_shown"), [(1, True), (365, True), (0, False), (366, False)])
def test_an_organisation_is_shown_first_for_a_day_to_a_year(client, officer, days, is_shown):
    onlus = OnlusFactory()

    press(client, onlus, "feature", days=days)

    onlus.refresh_from_db()
    assert onlus.featured_until == (NOW + timedelta(days=days) if is_shown else None)
    assert list(Onlus.objects.featured(NOW)) == ([onlus] if is_shown else [])


def test_featuring_refuses_days_and_organisations_that_do_not_fit(officer):
    onlus, closed = OnlusFactory(), OnlusFactory(status=Status.SUSPENDED)

    with pytest.raises(standing.FeaturedDaysInvalid):
        standing.feature(onlus=onlus, days=366, actor=officer, now=NOW)
    with pytest.raises(standing.NotPublic):
        standing.feature(onlus=closed, days=3, actor=officer, now=NOW)

    assert not Onlus.objects.exclude(featured_until=None).exists()


def test_a_review_is_noted_and_the_next_is_due_in_a_year(client, officer, django_capture_on_commit_callbacks):
    seat = MembershipFactory(role="viewer")
    MembershipFactory(onlus=seat.onlus, wants_compliance_mails=False)
    onlus = seat.onlus

    with django_capture_on_commit_callbacks(execute=True):
        press(client, onlus, "judge", status="major_issues", notes="Board of one.", reason="Yearly review")

    onlus.refresh_from_db()
    assert (onlus.compliance_status, onlus.compliance_notes, onlus.compliance_reviewer) == (
        "major_issues",
        "Board of one.",
        officer,
    )
    assert onlus.next_review_at == NOW + timedelta(days=365)
    assert not onlus.accepts_donations
    assert [message.to for message in mail.outbox] == [[seat.user.email]]
    assert "Board of one." not in mail.outbox[0].body


def test_an_assessment_lowers_what_a_person_decided_but_does_not_lift_it(officer):
    onlus = OnlusFactory()
    standing.judge_compliance(
        onlus=onlus, status="minor_issues", notes="", actor=officer, reason="Review", now=NOW
    )

    lifted = standing.note_assessment(
        onlus=onlus, scores={"compliance_score": Decimal(95)}, status="compliant"
    )
    assert (lifted.compliance_status, lifted.compliance_score) == ("minor_issues", 95)
    lowered = standing.note_assessment(onlus=onlus, scores={}, status="major_issues")
    assert lowered.compliance_status == "major_issues"
    again = standing.note_assessment(onlus=onlus, scores={}, status="compliant")
    assert again.compliance_status == "compliant"  # now it is the assessments' own word
    standing.judge_compliance(
        onlus=onlus, status="under_investigation", notes="", actor=officer, reason="A tip", now=NOW
    )
    kept = standing.note_assessment(onlus=onlus, scores={}, status="non_compliant")
    assert kept.compliance_status == "under_investigation"


def test_the_overall_score_is_weighed_over_the_scores_that_are_there():
    onlus = Onlus(compliance_score=Decimal(100), transparency_score=Decimal(100), impact_score=Decimal(100))
    assert onlus.overall_score == Decimal("100.00")
    onlus.transparency_score, onlus.impact_score = None, Decimal(50)
    assert onlus.overall_score == Decimal("78.57")  # (100 * 40 + 50 * 30) / 70
    onlus.compliance_score = onlus.impact_score = None
    assert onlus.overall_score is None


def test_staff_invite_an_owner_where_there_is_none(client, officer):
    onlus = OnlusFactory()
    UserFactory(is_staff=True)

    press(client, onlus, "invite_owner", email="presidente@example.org", reason="The old owner left.")

    offered = OnlusInvitation.objects.get()
    assert (offered.onlus, offered.role, offered.invited_by) == (onlus, "owner", officer)
    assert AuditEntry.objects.get().reason == "The old owner left."


@pytest.mark.parametrize("role", ["finance", "moderator", "analyst"])
def test_other_roles_have_none_of_these_buttons(client, role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    onlus = OnlusFactory()

    answers = {press(client, onlus, name, reason=REASON).status_code for name in BUTTONS.values()}

    assert answers == {403}
    assert state(onlus) == Status.ACTIVE
