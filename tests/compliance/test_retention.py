"""What is kept of who somebody was: ten years after they left, then gone with a proof. What is held stays."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from donations.models import (
    Case,
    ComplianceCheck,
    ComplianceNotification,
    FraudFlag,
    IdentityDocument,
    IdentityVerification,
    Review,
    RiskDecision,
    ScreeningDecision,
    ScreeningHit,
)
from donations.operations import giving
from donations.operations.compliance import checks, flags, watching
from donations.operations.identity import applying
from goodplay.lib.private_files.models import PrivateFile
from goodplay.lib.retention import operations, proofs
from goodplay.lib.retention.models import DeletionProof
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, give_credits
from tests.factories.identity import begin, submitted
from tests.factories.screening import import_pep, screen_all

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=3653)
KINDS = (
    "compliance_checks",
    "fraud_flags",
    "identities",
    "identity_documents",
    "risk_decisions",
    "screening_decisions",
    "screening_hits",
)


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "private")
    return tmp_path / "private"


def known_player(at=NOW, **columns):
    """Leave a trace of every kind: an identity, a hit, a check with its notice, a held gift, a mark."""
    user = UserFactory(first_name="Ottavia", last_name="Brandolini", **columns)
    submitted(user, now=at)
    import_pep(now=at)
    screen_all(now=at)
    check = checks.open_check(
        user=user,
        check_type="aml",
        risk_level="critical",
        risk_score=Decimal(75),
        risk_factors=[],
        results={},
        reason="A rule",
        now=at,
    )
    watching.warn(check_id=check.check_id, now=at)
    give_credits(user, "5.00", now=at)
    giving.donate(donor=user, onlus_id=OnlusFactory().pk, amount=Decimal("5.00"), now=at)
    flags.flag(user=user, reason="Known to us", flagged_by=StaffFactory(), now=at)
    return user


def rows():
    models = (
        ComplianceCheck,
        ComplianceNotification,
        FraudFlag,
        IdentityDocument,
        IdentityVerification,
        RiskDecision,
        ScreeningDecision,
        ScreeningHit,
    )
    return {model.__name__: model.objects.count() for model in models}


def nights(now, count=2):
    for _night in range(count):
        for kind in KINDS:
            operations.purge(kind=kind, now=now)


def closed_cases():
    """End the cases, which hold a person by themselves."""
    Case.objects.update(
        status="closed",
        outcome="no_action",
        proposed_by=StaffFactory(),
        proposed_at=NOW,
        closed_by=StaffFactory(),
        closed_at=NOW,
    )


def test_all_of_it_goes_ten_years_after_they_left_with_its_proof(
    private_root, django_capture_on_commit_callbacks
):
    user = known_player()
    closed_cases()
    User.objects.filter(pk=user.pk).update(is_active=False, deleted_at=NOW + timedelta(days=30))

    nights(NOW + YEARS + timedelta(days=29))
    before = rows()
    with django_capture_on_commit_callbacks(execute=True):
        nights(NOW + YEARS + timedelta(days=31))

    # What was decided about money has its own ten years, which had passed by the first night.
    assert before | {"RiskDecision": 0, "FraudFlag": 0} == before
    assert all(count for name, count in before.items() if name not in ("RiskDecision", "FraudFlag"))
    assert set(rows().values()) == {0}
    assert Review.objects.get().decision is None
    assert [path for path in private_root.rglob("*") if path.is_file()] == []
    assert PrivateFile.objects.filter(erased_at=None).count() == 0
    assert {proof.kind for proof in DeletionProof.objects.all()} == set(KINDS)
    assert proofs.broken_proofs() == []


def test_nothing_goes_while_they_stay():
    known_player()
    closed_cases()
    before = rows()

    nights(NOW + 3 * YEARS)

    after = rows()
    assert {name for name in before if after[name] != before[name]} == {"RiskDecision", "FraudFlag"}


def test_an_open_case_and_a_hold_keep_everything():
    user = known_player()
    User.objects.filter(pk=user.pk).update(is_active=False, deleted_at=NOW)
    before = rows()

    nights(NOW + 2 * YEARS)
    with_case = rows()
    closed_cases()
    operations.place_hold(person=user, reason="The court asks", by=StaffFactory(), now=NOW)
    nights(NOW + 2 * YEARS)

    assert (with_case, rows()) == (before, before)
    assert not DeletionProof.objects.exists()


def test_a_withdrawn_verification_goes_after_two_years():
    user = UserFactory()
    row = begin(user)
    applying.withdraw(user_id=user.pk, verification_id=row.pk, now=NOW)

    kept = operations.purge(kind="identities_withdrawn", now=NOW + timedelta(days=730))
    gone = operations.purge(kind="identities_withdrawn", now=NOW + timedelta(days=732))

    assert (kept, gone, IdentityVerification.objects.count()) == (0, 1, 0)


def test_reviews_are_kept_because_the_books_are_read_by_them():
    with pytest.raises(operations.MoneyIsKept):
        operations.purge(kind="reviews", now=NOW + 5 * YEARS)
