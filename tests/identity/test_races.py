"""Two at the same moment: reviewers on one file, the player and a reviewer, uploads and a decision."""

import pytest

from donations.models import ComplianceCheck, IdentityDocument, IdentityVerification
from donations.operations.identity import applying, reviewing
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.private_files.models import PrivateFile
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.identity import add, begin, submitted
from tests.threads import at_once, crowd

pytestmark = pytest.mark.usefixtures("real_transactions", "quiet")


@pytest.fixture
def quiet(settings):
    """Let events wait: what is raced here is called by name."""
    settings.EVENT_DELIVERY = "sweep"


def errors(results):
    return sorted(type(each).__name__ for each in results if isinstance(each, Exception))


def test_two_reviewers_decide_one_file_once():
    row = submitted(UserFactory())
    calls = [reviewing.approve, reviewing.reject] * crowd(3, 1)
    staff = StaffFactory.create_batch(len(calls))

    results = at_once(
        len(calls),
        lambda number: calls[number](verification=row, decided_by=staff[number], reason="Seen", now=NOW),
    )

    row.refresh_from_db()
    assert errors(results) == ["NotSubmitted"] * (len(calls) - 1)
    assert AuditEntry.objects.get(action__startswith="identity_").action == f"identity_{row.status}"
    outcome = {"approved": "passed", "rejected": "failed"}[row.status]
    assert ComplianceCheck.objects.get(check_type="kyc").status == outcome


def test_a_file_withdrawn_while_it_is_decided_is_one_of_both():
    user = UserFactory()
    row, staff = submitted(user), StaffFactory()
    calls = [
        lambda: applying.withdraw(user_id=user.pk, verification_id=row.pk, now=NOW),
        lambda: reviewing.approve(verification=row, decided_by=staff, reason="Seen", now=NOW),
    ]

    results = at_once(2, lambda number: calls[number]())

    row.refresh_from_db()
    assert errors(results) in (["NotOpen"], ["NotSubmitted"])
    kept = {"withdrawn": 0, "approved": 2}[row.status]
    assert (row.documents.count(), PrivateFile.objects.filter(erased_at=None).count()) == (kept, kept)


def test_a_document_does_not_slip_into_a_file_that_is_handed_in():
    """What reviewers decide on is what was there when it was handed in."""
    user = UserFactory()
    row = begin(user)
    add(row, "passport")
    add(row, "proof_of_address")
    calls = [
        lambda: applying.submit(user_id=user.pk, verification_id=row.pk, now=NOW),
        lambda: add(row, "id_card"),
    ]

    results = at_once(2, lambda number: calls[number]())

    row.refresh_from_db()
    assert row.status == IdentityVerification.Status.SUBMITTED
    assert errors(results) in ([], ["NotADraft"])
    assert IdentityDocument.objects.count() == (2 if errors(results) else 3)
    assert PrivateFile.objects.filter(erased_at=None).count() == IdentityDocument.objects.count()


def test_an_upload_against_a_decision_changes_nothing():
    user = UserFactory()
    row, staff = submitted(user), StaffFactory()
    calls = [
        lambda: reviewing.approve(verification=row, decided_by=staff, reason="Seen", now=NOW),
        lambda: add(row, "id_card"),
    ]

    results = at_once(2, lambda number: calls[number]())

    row.refresh_from_db()
    assert (errors(results), row.status, row.documents.count()) == (["NotADraft"], "approved", 2)
    assert PrivateFile.objects.filter(erased_at=None).count() == 2


def test_the_last_document_that_fits_is_taken_once():
    user = UserFactory()
    row = begin(user)
    for _number in range(applying.MOST_DOCUMENTS - 1):
        add(row, "proof_of_address")

    results = at_once(crowd(4, 2), lambda _number: add(row, "proof_of_address"))

    assert errors(results) == ["TooManyDocuments"] * (len(results) - 1)
    assert IdentityDocument.objects.count() == applying.MOST_DOCUMENTS


def test_one_draft_is_begun_of_many():
    user = UserFactory()

    results = at_once(crowd(4, 2), lambda _number: begin(user))

    assert errors(results) == ["VerificationOpen"] * (len(results) - 1)
    assert IdentityVerification.objects.count() == 1
