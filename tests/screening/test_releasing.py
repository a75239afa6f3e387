"""What waited only because a name was not screened yet: let go once it is clear, told when it is listed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from accounts.models import Onlus
from donations.models import Donation, Payout, Review, RiskDecision
from donations.operations import giving, reviews
from donations.operations.screening import hits, releasing, subjects
from donations.queries.books import contradictions
from donations.tasks import screen_waiting
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events import delivery
from goodplay.lib.events.models import Delivery, Event
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, balance, give_credits
from tests.factories.payouts import payable_onlus, prepare
from tests.factories.risk import make_rule
from tests.factories.screening import import_ofac, import_pep, only_hit, screen_all, subject_of
from tests.threads import at_once

LATER = NOW + timedelta(minutes=5)
CLEAR = {"first_name": "Bruno", "last_name": "Neri"}
LISTED = {"first_name": "Ottavia", "last_name": "Brandolini"}


def held_gift(amount="50.00", **columns):
    """Begin a gift whose donor nobody screened yet."""
    import_pep()
    user = UserFactory(**columns)
    give_credits(user, amount)
    onlus = OnlusFactory()
    donation = giving.donate(donor=user, onlus_id=onlus.pk, amount=Decimal(amount), now=NOW)
    return user, donation, Review.objects.get()


def screened(user, now=LATER):
    """Do what the minute's job does, and what its event brings about."""
    subjects.due(user_id=user.pk, now=now)
    subjects.screen_due(now=now)
    return settled(subject_of(user=user), now)


def settled(subject, now=NOW):
    """Have what waits for this name looked at again, each by its own event; return how many went."""
    before = Review.objects.open().count()
    releasing.settle_reviews(screened_id=subject.pk)
    for event in Event.objects.filter(name="compliance_review_unblocked").order_by("pk"):
        delivery.deliver(event.pk, now=now)
    return before - Review.objects.open().count()


@pytest.mark.django_db
def test_a_gift_that_waited_for_screening_alone_goes_once_the_name_is_clear():
    user, donation, review = held_gift(**CLEAR)

    went = [screened(user), screened(user)]

    donation.refresh_from_db()
    review.refresh_from_db()
    assert went == [1, 0]
    assert (donation.status, balance(user)) == (Donation.Status.COMPLETED, Decimal(0))
    assert (review.status, review.decided_by, review.decided_at) == ("released", None, LATER)
    assert review.decision_reason == "Screening ended: the name is on no list."
    entry = AuditEntry.objects.get(action="review_released")
    assert (entry.actor, entry.target_id, entry.reason) == (None, str(review.pk), review.decision_reason)
    decided = Event.objects.get(name="compliance_review_decided")
    assert (decided.payload["review_id"], decided.payload["status"]) == (str(review.pk), "released")


@pytest.mark.django_db
def test_the_job_lets_go_what_waited_through_its_event(django_capture_on_commit_callbacks):
    user, donation, _review = held_gift(**CLEAR)
    subjects.due(user_id=user.pk, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        screen_waiting()

    donation.refresh_from_db()
    assert donation.status == Donation.Status.COMPLETED


@pytest.mark.django_db
def test_one_that_meets_a_deadlock_holds_up_no_other_and_goes_later(django_capture_on_commit_callbacks):
    user, first, _review = held_gift(**CLEAR)
    give_credits(user, "7.00")
    second = giving.donate(donor=user, onlus_id=first.onlus_id, amount=Decimal("7.00"), now=NOW)
    stuck = Review.objects.get(subject_id=second.pk)
    subjects.due(user_id=user.pk, now=NOW)

    def deadlock(execute, sql, parameters, many, context):
        written = [str(each).replace("-", "") for each in parameters or ()]
        if sql.startswith("UPDATE") and "donations_review" in sql and stuck.pk.hex in written:
            raise OperationalError("deadlock detected")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(deadlock), django_capture_on_commit_callbacks(execute=True):
        screen_waiting()

    assert states(first, second) == ["completed", "pending"]
    with django_capture_on_commit_callbacks(execute=True):
        delivery.sweep(Delivery.objects.get(status="retrying").next_attempt_at)
    assert states(first, second) == ["completed", "completed"]


def states(*donations):
    for each in donations:
        each.refresh_from_db()
    return [each.status for each in donations]


@pytest.mark.django_db
def test_a_review_that_opens_after_the_name_was_screened_does_not_stay(django_capture_on_commit_callbacks):
    """The gift was judged before the screening ended, and committed after it: nobody saw it then."""
    with django_capture_on_commit_callbacks(execute=False) as late:
        user, donation, review = held_gift(**CLEAR)
    subjects.due(user_id=user.pk, now=LATER)
    subjects.screen_due(now=LATER)

    for callback in late:
        callback()

    donation.refresh_from_db()
    review.refresh_from_db()
    assert (donation.status, review.status) == ("completed", "released")


@pytest.mark.django_db
def test_a_listed_name_is_the_reason_from_then_on():
    user, donation, review = held_gift(**LISTED)
    first = review.decision

    went = [screened(user), screened(user)]

    donation.refresh_from_db()
    review.refresh_from_db()
    assert went == [0, 0]
    assert (donation.status, review.status, review.reasons) == ("pending", "open", ["sanctions_hit_open"])
    assert review.decision.facts["sanctions_state"] == "open"
    assert RiskDecision.objects.filter(pk=first.pk).exists()
    entry = AuditEntry.objects.get(action="review_reasons_change")
    assert (entry.actor, entry.before, entry.after) == (
        None,
        {"reasons": ["sanctions_not_screened"]},
        {"reasons": ["sanctions_hit_open"]},
    )


@pytest.mark.django_db
def test_what_another_rule_holds_as_well_waits_for_a_person():
    make_rule("donation", "seen_by_a_person", action="review", score=10)
    user, donation, review = held_gift(**CLEAR)

    went = screened(user)

    donation.refresh_from_db()
    review.refresh_from_db()
    assert (went, donation.status, review.status) == (0, "pending", "open")
    assert review.reasons == ["seen_by_a_person"]


@pytest.mark.django_db
def test_a_sign_that_holds_nothing_by_itself_does_not_keep_it():
    make_rule("donation", "only_a_sign", action="score", score=20)
    user, donation, review = held_gift(**CLEAR)

    went = screened(user)

    donation.refresh_from_db()
    assert (went, donation.status) == (1, "completed")
    assert sorted(review.reasons) == ["only_a_sign", "sanctions_not_screened"]


@pytest.mark.django_db
def test_what_cannot_happen_any_more_is_left_to_a_person():
    user, donation, review = held_gift(**CLEAR)
    Onlus.objects.update(status=Onlus.Status.SUSPENDED)

    went = screened(user)

    donation.refresh_from_db()
    review.refresh_from_db()
    assert (went, donation.status, review.status) == (0, "pending", "open")


@pytest.mark.django_db
def test_somebody_elses_review_stays():
    user, _donation, _review = held_gift(**CLEAR)
    other = UserFactory()
    give_credits(other, "5.00")
    theirs = giving.donate(donor=other, onlus_id=OnlusFactory().pk, amount=Decimal("5.00"), now=NOW)

    screened(user)

    theirs.refresh_from_db()
    assert theirs.status == "pending"
    assert Review.objects.open().get().subject_id == theirs.pk


@pytest.mark.django_db
def test_nobody_releases_the_gift_of_somebody_who_is_on_a_list():
    user, donation, review = held_gift(**LISTED)
    screened(user)

    with pytest.raises(reviews.StandsOnAList) as hit_open:
        reviews.release(review=review, decided_by=StaffFactory(), reason="Known", now=LATER)
    request = hits.propose_match(
        hit=only_hit(), proposed_by=StaffFactory(), reason="Same photograph", now=LATER
    )
    approvals.approve(request=request, decided_by=StaffFactory(), now=LATER)
    with pytest.raises(reviews.StandsOnAList) as confirmed:
        reviews.release(review=review, decided_by=StaffFactory(), reason="Known", now=LATER)

    donation.refresh_from_db()
    assert (hit_open.value.data, confirmed.value.data) == ({"state": "open"}, {"state": "confirmed"})
    assert (donation.status, Review.objects.open().count()) == ("pending", 1)


@pytest.mark.django_db
def test_a_payout_goes_on_once_the_organisation_and_the_holder_are_clear():
    payable_onlus("50.00", name="Amici del Mare")
    import_ofac()
    prepare()
    review = Review.objects.get()

    screen_all()
    went = [
        settled(subject)
        for subject in (subject_of(onlus__isnull=False), subject_of(bank_account__isnull=False))
    ]

    review.refresh_from_db()
    assert (review.subject, review.status, went) == ("payout", "released", [1, 0])
    assert Payout.objects.get().status == Payout.Status.DRAFT


@pytest.mark.django_db
def test_the_database_refuses_a_release_by_nobody_without_a_reason():
    held_gift(**CLEAR)

    for wrong in ({"status": "released"}, {"status": "rejected", "decision_reason": "Because"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Review.objects.update(decided_at=NOW, **wrong)

    assert Review.objects.open().count() == 1


@pytest.mark.parametrize("round_number", range(2))
def test_a_person_and_the_screener_decide_once(real_transactions, settings, round_number):
    settings.EVENT_DELIVERY = "sweep"
    user, donation, review = held_gift(**CLEAR)
    subjects.due(user_id=user.pk, now=NOW)
    subjects.screen_due(now=NOW)
    staff, subject = StaffFactory(), subject_of(user=user)
    calls = [
        lambda: settled(subject),
        lambda: reviews.reject(review=review, decided_by=staff, reason="No", now=NOW),
        lambda: releasing.look_again(review_id=review.pk, now=NOW),
    ]

    results = at_once(3, lambda number: calls[(number + round_number) % 3]())

    review.refresh_from_db()
    donation.refresh_from_db()
    ends = {"released": "completed", "rejected": "cancelled"}
    assert donation.status == ends[review.status]
    assert AuditEntry.objects.filter(target_id=str(review.pk)).count() == 1
    assert [each for each in results if isinstance(each, Exception)] in (
        [],
        [each for each in results if isinstance(each, reviews.ReviewAlreadyDecided)],
    )
    assert contradictions() == []
