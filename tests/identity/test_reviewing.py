"""Staff decide about identities: alone, by two, never about themselves; and everything ends."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from donations.models import (
    ComplianceCheck,
    IdentityDocument,
    IdentityLevel,
    IdentityVerification,
    ScreenedSubject,
)
from donations.operations.identity import applying, expiry, levels, reviewing
from donations.queries.identity import level_of, standing
from donations.queries.risk_facts import identity as facts
from donations.rules.facts import Movement
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW, give_credits
from tests.factories.identity import VALID, begin, submitted
from tests.factories.ids import UNKNOWN_ID
from tests.factories.private_files import PNG

pytestmark = pytest.mark.django_db
Status = IdentityVerification.Status


def approve(verification, by=None, now=NOW):
    return reviewing.approve(
        verification=verification, decided_by=by or StaffFactory(), reason="Seen", now=now
    )


@pytest.fixture
def officer(client):
    staff = StaffFactory(is_superuser=False)
    staff.groups.add(Group.objects.get(name="compliance"))
    client.force_login(staff)
    return staff


def press(client, row, name, **data):
    address = reverse(f"admin:donations_{row._meta.model_name}_change", args=[row.pk])
    return client.post(address.replace("/change/", f"/do/{name}/"), data, follow=True)


def test_an_officer_looks_at_a_document_and_the_look_is_on_record(client, officer):
    document = submitted(UserFactory()).documents.get(kind="passport")

    answer = press(client, document, "look", reason="Review of the passport")

    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    assert answer["Content-Disposition"].startswith("attachment")
    row = DataAccess.objects.get()
    assert (row.actor, row.target_id, row.purpose) == (
        officer,
        str(document.file_id),
        "Review of the passport",
    )


def test_without_a_reason_nobody_looks(client, officer):
    document = submitted(UserFactory()).documents.first()

    answer = press(client, document, "look", reason="")

    assert PNG not in answer.content
    assert DataAccess.objects.count() == 0


def test_an_analyst_sees_no_identities(client):
    verification = submitted(UserFactory())
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="analyst"))
    client.force_login(analyst)

    pages = [
        client.get(reverse("admin:donations_identityverification_changelist")),
        client.get(reverse("admin:donations_identityverification_change", args=[verification.pk])),
        press(client, verification.documents.first(), "look", reason="Curiosity"),
    ]

    assert {page.status_code for page in pages} == {403}
    assert DataAccess.objects.count() == 0


def test_an_officer_approves_and_the_player_is_told(client, officer, django_capture_on_commit_callbacks):
    user = UserFactory(email="alice@example.org")
    verification = submitted(user)

    with django_capture_on_commit_callbacks(execute=True):
        press(client, verification, "approve", reason="Same face")

    verification.refresh_from_db()
    assert (verification.status, verification.decided_by) == (Status.APPROVED, officer)
    assert level_of(user, verification.decided_at) == IdentityLevel.Level.IDENTITY
    [message] = mail.outbox
    assert (message.to, message.subject) == (["alice@example.org"], "Your identity is verified")
    check = ComplianceCheck.objects.get()
    assert (check.user, check.check_type, check.status) == (user, "kyc", "passed")
    assert AuditEntry.objects.get(action="identity_approved").reason == "Same face"
    assert ScreenedSubject.objects.get(user=user).due_at is not None


def test_an_officer_rejects_and_the_player_reads_why(
    client, officer, api, django_capture_on_commit_callbacks
):
    user = UserFactory()
    verification = submitted(user)

    with django_capture_on_commit_callbacks(execute=True):
        press(client, verification, "reject", reason="The photograph is blurred")

    api.force_authenticate(user)
    [told] = api.get("/api/users/identity").json()["data"]["verifications"]
    assert (told["status"], told["rejection_reason"]) == ("rejected", "The photograph is blurred")
    assert "The photograph is blurred" in mail.outbox[0].body
    assert begin(user).status == Status.DRAFT


def test_the_pages_of_the_queue_open(client, officer):
    verification = submitted(UserFactory())

    pages = [
        reverse("admin:donations_identityverification_changelist"),
        reverse("admin:donations_identityverification_change", args=[verification.pk]),
        reverse("admin:donations_identitydocument_changelist"),
        reverse("admin:donations_identitylevel_changelist"),
    ]

    assert {client.get(page).status_code for page in pages} == {200}


def test_a_source_of_funds_takes_two_people():
    user = UserFactory()
    verification = submitted(user, level=3)
    proposer = StaffFactory()

    with pytest.raises(reviewing.NeedsSecondPerson):
        approve(verification)
    request = reviewing.propose(
        verification=verification, proposed_by=proposer, reason="Payslips seen", now=NOW
    )
    with pytest.raises(approvals.FourEyesRequired):
        approvals.approve(request=request, decided_by=proposer, now=NOW)
    between = level_of(user, NOW)
    approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)

    verification.refresh_from_db()
    assert between == IdentityLevel.Level.EMAIL
    assert (verification.status, verification.proposed_by) == (Status.APPROVED, proposer)
    assert level_of(user, NOW) == IdentityLevel.Level.FUNDS


def test_nobody_decides_about_themselves_or_twice():
    staff = StaffFactory()
    own = submitted(staff)
    other = submitted(UserFactory())
    approve(other)

    with pytest.raises(reviewing.OwnIdentity):
        approve(own, by=staff)
    with pytest.raises(reviewing.NotSubmitted):
        approve(other)
    with pytest.raises(DatabaseError), transaction.atomic():
        IdentityVerification.objects.filter(pk=own.pk).update(
            status=Status.APPROVED, decided_by=staff, decided_at=NOW, expires_at=NOW
        )

    own.refresh_from_db()
    assert own.status == Status.SUBMITTED


def test_a_proof_ends_with_the_first_document_of_identity(settings):
    settings.IDENTITY_VALID_DAYS = 10_000
    verification = submitted(UserFactory())

    approve(verification)

    verification.refresh_from_db()
    assert verification.expires_at == datetime(VALID.year, VALID.month, VALID.day, tzinfo=UTC)


def test_a_document_that_expired_while_it_waited_proves_nothing():
    verification = submitted(UserFactory())

    with pytest.raises(reviewing.DocumentOver):
        approve(verification, now=NOW + timedelta(days=3650))

    verification.refresh_from_db()
    assert verification.status == Status.SUBMITTED


def test_the_level_falls_the_moment_a_proof_is_over_and_the_player_is_told(
    settings, django_capture_on_commit_callbacks
):
    settings.IDENTITY_VALID_DAYS = 40
    user = UserFactory()
    approve(submitted(user))
    soon, over = NOW + timedelta(days=11), NOW + timedelta(days=40)

    with django_capture_on_commit_callbacks(execute=True):
        told = [expiry.remind_due(now=soon), expiry.remind_due(now=soon)]
    with django_capture_on_commit_callbacks(execute=True):
        before = level_of(user, over - timedelta(seconds=1))
        after = level_of(user, over)
        ended = [expiry.expire_due(now=over), expiry.expire_due(now=over)]

    assert (told, ended) == ([1, 0], [1, 0])
    assert (before, after) == (IdentityLevel.Level.IDENTITY, IdentityLevel.Level.EMAIL)
    assert [message.subject for message in mail.outbox] == [
        "Your identity verification ends soon",
        "Your identity verification has ended",
    ]
    assert IdentityVerification.objects.get().status == Status.EXPIRED


def test_a_proof_is_renewed_only_when_it_is_about_to_end(settings):
    settings.IDENTITY_VALID_DAYS = 100
    user = UserFactory()
    approve(submitted(user))

    with pytest.raises(applying.AlreadyProven):
        begin(user, now=NOW + timedelta(days=30))

    assert begin(user, now=NOW + timedelta(days=50)).status == Status.DRAFT


def test_drafts_nobody_hands_in_are_forgotten_with_their_documents(settings):
    old, young = begin(UserFactory()), begin(UserFactory(), now=NOW + timedelta(days=20))
    submitted(UserFactory())

    forgotten = expiry.forget_drafts(now=NOW + timedelta(days=settings.IDENTITY_DRAFT_DAYS))

    old.refresh_from_db()
    young.refresh_from_db()
    assert (forgotten, old.status, young.status) == (1, Status.WITHDRAWN, Status.DRAFT)
    assert IdentityDocument.objects.count() == 2


def test_limits_change_with_a_second_person():
    row = IdentityLevel.objects.get(level=2)
    proposer = StaffFactory()
    wanted = {
        "single_limit": Decimal("10.00"),
        "daily_limit": Decimal("20.00"),
        "monthly_limit": Decimal("30.00"),
    }

    request = levels.request_change(
        level=row, requested_by=proposer, reason="Too high for us", now=NOW, **wanted
    )
    row.refresh_from_db()
    before = row.single_limit
    approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)

    row.refresh_from_db()
    assert before == Decimal("3000.00")
    assert (row.single_limit, row.daily_limit, row.monthly_limit) == tuple(wanted.values())
    assert AuditEntry.objects.get(action="identity_limits_change").before["single_limit"] == "3000.00"


def test_limits_out_of_order_are_refused_by_the_rule_and_by_the_database():
    row = IdentityLevel.objects.get(level=2)

    with pytest.raises(levels.LimitsNotInOrder):
        levels.request_change(
            level=row,
            single_limit=Decimal(30),
            daily_limit=Decimal(20),
            monthly_limit=Decimal(40),
            requested_by=StaffFactory(),
            reason="A slip of the hand",
            now=NOW,
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        IdentityLevel.objects.filter(level=2).update(single_limit=Decimal(99_999))

    assert ApprovalRequest.objects.count() == 0


def test_what_is_earned_does_not_count_and_what_is_put_in_does():
    user = UserFactory()
    give_credits(user, "400.00", kind="player_cash")
    give_credits(user, "300.00")

    known = standing(user.pk, NOW)
    movement = Movement("top_up", UNKNOWN_ID, user.pk, Decimal("700.00"))

    assert (known.used_today, known.left) == (Decimal("400.00"), Decimal("600.00"))
    assert facts.facts(user.pk, movement, NOW) == {
        "identity_level": 1,
        "identity_limit_left": Decimal("600.00"),
        "identity_limit_excess": Decimal("100.00"),
        "put_in_today": Decimal("1100.00"),
        "put_in_this_month": Decimal("1100.00"),
    }
    assert standing(user.pk, NOW + timedelta(days=1)).used_today == 0
