"""Batches: handed in whole, released by a second person, run, retried, cancelled."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Onlus
from donations.models import BatchError, BatchLine, BatchOperation, Donation, DonationRefund, PayoutRun
from donations.operations import batch_intake, batch_processing, batches, giving, ledger, payouts, refunds
from donations.operations.batch_lines import Fault, LineDraft
from donations.queries.books import contradictions
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import AlreadyRequested, FourEyesRequired, approve
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import figures, gifts, later, make_batch, released, rich_players, started, work
from tests.factories.donations import NOW, balance, give_credits, make_donation, take_back
from tests.factories.payouts import IBANS, payable_onlus

pytestmark = pytest.mark.django_db

Kind = BatchOperation.Type
Line = BatchLine.Status


def refused(lines, *, kind=Kind.DONATIONS, unreadable=()):
    """Hand the lines in, and return what is said about each that is at fault."""
    with pytest.raises(batch_intake.BatchNotValid) as refusal:
        batch_intake.create_batch(
            operation_type=kind, lines=lines, unreadable=unreadable, created_by=StaffFactory(), now=NOW
        )
    assert not BatchOperation.objects.exists()
    assert not BatchLine.objects.exists()
    return [(each["line"], each["code"]) for each in refusal.value.data["validation_errors"]]


# Handing in ------------------------------------------------------------------------------------------------------


def test_a_batch_is_stored_with_its_lines_and_waits():
    players, onlus, staff = rich_players(2), OnlusFactory(), StaffFactory()

    batch = make_batch(gifts(players, onlus, "2.50"), by=staff, batch_size=10, max_retries=1, priority=7)

    assert figures(batch) == ("queued", 0, 0, 0, 0)
    assert (batch.total_items, batch.total_amount, batch.created_by) == (2, Decimal("5.00"), staff)
    assert (batch.batch_size, batch.max_retries, batch.priority, batch.retry_delay_seconds) == (10, 1, 7, 30)
    assert batch.metadata == {
        "donation_count": 2,
        "total_amount": "5.00",
        "unique_users": 2,
        "unique_onlus": 1,
    }
    lines = batch.lines.order_by("processing_order").values_list(
        "processing_order", "player", "amount", "status"
    )
    assert list(lines) == [
        (n, player.pk, Decimal("2.50"), "pending") for n, player in enumerate(players, start=1)
    ]
    assert AuditEntry.objects.filter(action="batch_create", target_id=str(batch.pk)).count() == 1


def test_one_bad_line_stores_nothing_and_each_says_what_is_wrong():
    rich, poor = rich_players(1)[0], UserFactory()
    gone, strange = UserFactory(is_active=False), UserFactory(email_verified_at=None)
    for player in (gone, strange):
        give_credits(player, "5.00")
    onlus, closed = OnlusFactory(), OnlusFactory(status=Onlus.Status.SUSPENDED)
    asked = [
        (rich, onlus, "1.00"),
        (poor, onlus, "1.00"),
        (gone, onlus, "1.00"),
        (strange, onlus, "1.00"),
        (rich, closed, "1.00"),
        (rich, onlus, "10000.01"),
        (rich, onlus, "0.00"),
    ]
    lines = [
        LineDraft(number=n, player_id=player.pk, onlus_id=to.pk, amount=Decimal(amount))
        for n, (player, to, amount) in enumerate(asked, start=1)
    ]
    nobody = LineDraft(number=8, player_id=new_id(), onlus_id=new_id(), amount=Decimal("1.00"))

    said = refused([*lines, nobody], unreadable=[Fault(9, "INVALID_AMOUNT", "What?")])

    assert said == [
        (1, "INSUFFICIENT_CREDITS"),
        (2, "WALLET_NOT_FOUND"),
        (3, "USER_NOT_ACTIVE"),
        (4, "ACCOUNT_NOT_VERIFIED"),
        (5, "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"),
        (5, "INSUFFICIENT_CREDITS"),
        (6, "DONATION_AMOUNT_TOO_LARGE"),
        (6, "INSUFFICIENT_CREDITS"),
        (7, "INVALID_AMOUNT"),
        (7, "INSUFFICIENT_CREDITS"),
        (8, "USER_NOT_FOUND"),
        (8, "ONLUS_NOT_FOUND"),
        (9, "INVALID_AMOUNT"),
    ]


def test_a_wallet_is_held_against_the_sum_of_its_lines():
    player, onlus = rich_players(1, "10.00")[0], OnlusFactory()

    assert refused(gifts([player, player], onlus, "5.01")) == [
        (1, "INSUFFICIENT_CREDITS"),
        (2, "INSUFFICIENT_CREDITS"),
    ]
    assert make_batch(gifts([player, player], onlus, "5.00")).total_amount == Decimal("10.00")


def test_a_frozen_wallet_is_refused():
    player = rich_players(1)[0]
    ledger.freeze_wallet(player_id=player.pk, now=NOW)

    assert refused(gifts([player], OnlusFactory())) == [(1, "WALLET_FROZEN")]
    ledger.unfreeze_wallet(player_id=player.pk)


@pytest.mark.parametrize("kind", [Kind.RECONCILIATION, Kind.COMPLIANCE_CHECK, "anything"])
def test_types_without_lines_are_refused(kind):
    with pytest.raises(batch_intake.BatchTypeNotAvailable):
        make_batch([], kind=kind)


def test_501_lines_are_refused_and_500_are_not():
    player, onlus = rich_players(1, "1000.00")[0], OnlusFactory()

    with pytest.raises(batch_intake.BatchTooLarge):
        make_batch(gifts([player] * 501, onlus, "0.01"))
    assert not BatchOperation.objects.exists()
    assert make_batch(gifts([player] * 500, onlus, "0.01")).total_items == 500


def test_no_lines_are_refused():
    with pytest.raises(batch_intake.LinesMissing):
        make_batch([])


def test_100_lines_with_five_workers_are_estimated_at_ten_seconds():
    assert batch_intake.estimate(100) == {
        "estimated_duration_seconds": Decimal("10.0"),
        "estimated_duration_minutes": Decimal("0.17"),
        "concurrent_workers": 5,
        "items_per_worker": 20,
    }


# Four eyes -------------------------------------------------------------------------------------------------------


def test_a_batch_runs_only_after_a_second_person_released_it():
    batch = make_batch()

    with pytest.raises(batches.BatchNotReleased):
        batches.start(batch=batch, actor=batch.created_by, now=NOW)
    assert figures(batch) == ("queued", 0, 0, 0, 0)

    released(batch)
    batches.start(batch=batch, actor=batch.created_by, now=NOW)
    assert figures(batch)[0] == "processing"


def test_who_handed_it_in_releases_it_neither_when_somebody_else_asked():
    batch = make_batch()
    asked = batches.request_release(batch=batch, requested_by=StaffFactory(), reason="The fair.", now=NOW)

    with pytest.raises(FourEyesRequired):
        approve(request=asked, decided_by=batch.created_by, now=NOW)

    batch.refresh_from_db()
    asked.refresh_from_db()
    assert (batch.released_by, asked.state) == (None, "pending")


def test_release_is_asked_for_once_and_only_before_it_ran():
    batch = make_batch()
    ask = {"batch": batch, "requested_by": batch.created_by, "reason": "The fair.", "now": NOW}
    batches.request_release(**ask)
    with pytest.raises(AlreadyRequested):
        batches.request_release(**ask)
    approve(request=ApprovalRequest.objects.get(), decided_by=StaffFactory(), now=NOW)

    with pytest.raises(batches.BatchAlreadyReleased):
        batches.request_release(**ask)
    batches.start(batch=batch, actor=batch.created_by, now=NOW)
    with pytest.raises(batches.BatchAlreadyProcessing):
        batches.request_release(**ask)


def test_a_batch_that_was_cancelled_meanwhile_is_not_released():
    batch = make_batch()
    asked = batches.request_release(batch=batch, requested_by=batch.created_by, reason="The fair.", now=NOW)
    batches.cancel(batch=batch, actor=batch.created_by, reason="A mistake", now=NOW)

    with pytest.raises(batches.BatchAlreadyCompleted):
        approve(request=asked, decided_by=StaffFactory(), now=NOW)
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_the_one_who_releases_reads_what_it_is():
    batch = make_batch(gifts(rich_players(2), OnlusFactory(name="Il Sentiero"), "2.50"))

    asked = batches.request_release(batch=batch, requested_by=batch.created_by, reason="The fair.", now=NOW)

    assert asked.summary == "Let a batch of 2 lines be run: Donations, €5.00."
    assert asked.facts["organisations"] == ["Il Sentiero"]


def test_the_database_knows_that_two_people_are_needed():
    batch = make_batch()

    with pytest.raises(IntegrityError), transaction.atomic():
        BatchOperation.objects.filter(pk=batch.pk).update(released_by=batch.created_by, released_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchOperation.objects.filter(pk=batch.pk).update(status="processing", started_at=NOW)


# Running ---------------------------------------------------------------------------------------------------------


def test_each_line_gives_once_and_keeps_what_came_of_it():
    players, onlus = rich_players(3), OnlusFactory()
    lines = [
        LineDraft(
            number=n,
            player_id=player.pk,
            onlus_id=onlus.pk,
            amount=Decimal(n),
            message="Thank you",
            is_anonymous=n == 2,
            source_reference=f"row {n}",
        )
        for n, player in enumerate(players, start=1)
    ]

    batch = work(started(make_batch(lines)))

    assert figures(batch) == ("completed", 3, 3, 0, 0)
    assert batch.completed_at == NOW
    done = list(batch.lines.select_related("donation").order_by("processing_order"))
    assert [(line.status, line.processed_amount) for line in done] == [
        ("completed", Decimal(n)) for n in (1, 2, 3)
    ]
    assert [
        (d.donor, d.amount, d.origin, d.message, d.is_anonymous, d.status) for d in (e.donation for e in done)
    ] == [
        (players[0], Decimal(1), "batch", "Thank you", False, "completed"),
        (players[1], Decimal(2), "batch", "Thank you", True, "completed"),
        (players[2], Decimal(3), "batch", "Thank you", False, "completed"),
    ]
    assert [balance(player) for player in players] == [Decimal("9.00"), Decimal("8.00"), Decimal("7.00")]
    assert Donation.objects.count() == 3


def test_running_again_moves_nothing():
    batch = work(started(make_batch()))
    before = figures(batch)

    work(batch)
    batch_processing.tidy(now=NOW)

    assert (figures(batch), Donation.objects.count()) == (before, 3)


def test_a_failure_stops_no_other_line_and_says_why():
    players, onlus = rich_players(3), OnlusFactory()
    batch = started(make_batch(gifts(players, onlus, "10.00")))
    make_donation_of_all(players[1], onlus)

    work(batch)

    assert figures(batch) == ("partial", 3, 2, 1, 0)
    failed = batch.lines.get(status=Line.FAILED)
    assert (failed.player, failed.error_code, failed.donation) == (players[1], "INSUFFICIENT_CREDITS", None)
    assert failed.next_attempt_at == later(30)
    assert (batch.error_count, batch.last_error) == (1, "There is not enough in the wallet for this.")
    error = BatchError.objects.get()
    assert (error.batch, error.line, error.code, error.details) == (
        batch,
        failed,
        "INSUFFICIENT_CREDITS",
        {"line": 2, "retries": 0},
    )


def make_donation_of_all(player, onlus):
    """Spend what is in the wallet."""
    return giving.donate(donor=player, onlus_id=onlus.pk, amount=balance(player), now=NOW)


def test_a_batch_of_failures_only_has_failed():
    onlus = OnlusFactory()
    batch = started(make_batch(gifts(rich_players(2), onlus)))
    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.SUSPENDED)

    work(batch)

    assert figures(batch) == ("failed", 2, 0, 2, 0)
    codes = set(batch.lines.values_list("error_code", flat=True))
    assert codes == {"ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"}


def test_a_player_whose_account_was_closed_meanwhile_gives_nothing():
    player = rich_players(1)[0]
    batch = started(make_batch(gifts([player], OnlusFactory())))
    player.is_active = False
    player.save()

    work(batch)

    assert (figures(batch)[0], batch.lines.get().error_code, balance(player)) == (
        "failed",
        "USER_NOT_ACTIVE",
        Decimal("10.00"),
    )


def test_a_batch_cannot_be_started_twice():
    batch = started(make_batch())

    with pytest.raises(batches.BatchAlreadyProcessing):
        batches.start(batch=batch, actor=batch.created_by, now=NOW)
    work(batch)
    with pytest.raises(batches.BatchAlreadyCompleted):
        batches.start(batch=batch, actor=batch.created_by, now=NOW)


def test_the_more_urgent_batch_goes_first():
    slow = started(make_batch(priority=1))
    urgent = started(make_batch(priority=9))

    work(slow)

    first = Donation.objects.order_by("pk").values_list("batch_line__batch", flat=True)
    assert list(first) == [urgent.pk] * 3 + [slow.pk] * 3


def test_its_end_is_announced_once():
    batch = work(started(make_batch()))

    assert batches.finish(batch_id=batch.pk, now=NOW) is False
    told = Event.objects.get(name="batch_finished").payload
    assert (told["batch_id"], told["status"], told["successful_items"]) == (str(batch.pk), "completed", 3)


# Retrying --------------------------------------------------------------------------------------------------------


@pytest.fixture
def half_done():
    """A batch whose second line failed for want of money, which has come since."""
    players, onlus = rich_players(2), OnlusFactory()
    batch = started(make_batch(gifts(players, onlus, "10.00"), max_retries=2))
    make_donation_of_all(players[1], onlus)
    work(batch)
    return batch


def test_retry_tries_only_what_failed_when_its_delay_is_over(half_done):
    poor = half_done.lines.get(status=Line.FAILED).player
    give_credits(poor, "10.00")

    assert batches.retry(batch=half_done, actor=half_done.created_by, now=later(1)) == 1
    assert figures(half_done) == ("processing", 1, 1, 0, 0)
    work(half_done, now=later(29))
    assert figures(half_done) == ("processing", 1, 1, 0, 0)

    work(half_done, now=later(30))

    assert figures(half_done) == ("completed", 2, 2, 0, 0)
    line = half_done.lines.get(player=poor)
    assert (line.retry_count, line.error_code, line.next_attempt_at) == (1, "", None)
    assert Donation.objects.filter(origin="batch").count() == 2


def test_each_retry_waits_twice_as_long_and_their_number_has_an_end(half_done):
    failed = half_done.lines.get(status=Line.FAILED)
    waits = []
    for _ in range(2):
        at = failed.next_attempt_at
        batches.retry(batch=half_done, actor=half_done.created_by, now=at)
        work(half_done, now=at)
        failed.refresh_from_db()
        waits.append((failed.next_attempt_at - at).total_seconds())

    assert (waits, failed.status, failed.retry_count) == ([60, 120], "failed", 2)
    with pytest.raises(batches.NothingToRetry):
        batches.retry(batch=half_done, actor=half_done.created_by, now=later(9999))
    assert figures(half_done) == ("partial", 2, 1, 1, 0)
    assert BatchError.objects.count() == 3


def test_only_a_batch_with_failures_is_retried():
    batch = make_batch()

    with pytest.raises(batches.BatchNotRetriable):
        batches.retry(batch=batch, actor=batch.created_by, now=NOW)
    work(started(batch))
    with pytest.raises(batches.BatchNotRetriable):
        batches.retry(batch=batch, actor=batch.created_by, now=NOW)


# Cancelling ------------------------------------------------------------------------------------------------------


def test_cancel_leaves_out_the_rest_and_keeps_what_was_done():
    batch = started(make_batch())
    batch_processing.process_next(batch=batch, now=NOW)

    batches.cancel(batch=batch, actor=batch.created_by, reason="A mistake", now=later(5))

    assert figures(batch) == ("cancelled", 3, 1, 0, 2)
    assert (batch.cancel_reason, batch.completed_at) == ("A mistake", later(5))
    assert work(batch).successful_items == Donation.objects.count() == 1
    assert Event.objects.filter(name="batch_finished").count() == 1


def test_what_has_ended_is_not_cancelled():
    batch = work(started(make_batch()))

    with pytest.raises(batches.BatchAlreadyCompleted):
        batches.cancel(batch=batch, actor=batch.created_by, reason="Late", now=NOW)
    assert figures(batch) == ("completed", 3, 3, 0, 0)


def test_a_line_a_worker_left_in_a_cancelled_batch_is_left_out_by_the_job():
    batch = started(make_batch())
    left = batch.lines.get(processing_order=2)
    batches.cancel(batch=batch, actor=batch.created_by, reason="A mistake", now=NOW)
    BatchLine.objects.filter(pk=left.pk).update(status=Line.PENDING)
    BatchOperation.objects.filter(pk=batch.pk).update(processed_items=2, skipped_items=2)

    batch_processing.work(clock=lambda: NOW)
    batch_processing.tidy(now=NOW)

    assert figures(batch) == ("cancelled", 3, 0, 0, 3)
    assert not Donation.objects.exists()


# What the minute's job finds -------------------------------------------------------------------------------------


def test_a_batch_whose_worker_died_before_its_end_is_ended():
    batch = started(make_batch())
    for _ in range(3):
        batch_processing.process_next(batch=batch, now=NOW)
    assert figures(batch) == ("processing", 3, 3, 0, 0)

    assert batch_processing.tidy(now=NOW) == 1
    assert figures(batch) == ("completed", 3, 3, 0, 0)


def test_lines_that_do_not_get_on_for_two_hours_are_given_up():
    batch = started(make_batch())
    batch_processing.process_next(batch=batch, now=NOW)

    assert batch_processing.give_up_stalled(now=later(2 * 3600 - 1)) == 0
    assert batch_processing.give_up_stalled(now=later(2 * 3600)) == 2
    batch_processing.tidy(now=later(2 * 3600))

    assert figures(batch) == ("partial", 3, 1, 2, 0)
    assert set(batch.lines.filter(status=Line.FAILED).values_list("error_code", flat=True)) == {
        "BATCH_STALLED"
    }


def test_a_retry_that_is_not_due_yet_is_not_given_up(half_done):
    batches.retry(batch=half_done, actor=half_done.created_by, now=later(1))
    BatchLine.objects.filter(status=Line.RETRYING).update(next_attempt_at=later(3 * 3600))

    assert batch_processing.give_up_stalled(now=later(2 * 3600 + 1)) == 0


def test_a_line_that_breaks_our_code_says_so_and_stops_no_other():
    batch = started(make_batch())
    batch.operation_type = Kind.RECONCILIATION  # nobody carries that out
    assert batch_processing.process_next(batch=batch, now=NOW) is True
    batch.operation_type = Kind.DONATIONS

    work(batch)

    assert figures(batch) == ("partial", 3, 2, 1, 0)
    assert batch.lines.get(processing_order=1).error_code == "PROCESSING_EXCEPTION"
    assert Donation.objects.count() == 2


# Refunds ---------------------------------------------------------------------------------------------------------


def back(*donations, amount=None):
    return [
        LineDraft(
            number=n,
            donation_id=donation.pk,
            amount=Decimal(amount) if amount else None,
            message="Sent twice",
        )
        for n, donation in enumerate(donations, start=1)
    ]


def test_refunds_give_back_what_is_left_and_say_who_asked():
    donor, onlus = UserFactory(), OnlusFactory()
    whole, part = make_donation(donor, onlus, "5.00"), make_donation(donor, onlus, "4.00")
    take_back(part, "1.00")
    batch = started(make_batch(back(whole, part), kind=Kind.REFUNDS))
    assert batch.total_amount == Decimal("8.00")

    work(batch)

    assert figures(batch) == ("completed", 2, 2, 0, 0)
    made = DonationRefund.objects.filter(requested_by=batch.created_by).order_by("pk")
    assert [(each.donation, each.amount, each.cause, each.reason) for each in made] == [
        (whole, Decimal("5.00"), "staff", "Sent twice"),
        (part, Decimal("3.00"), "staff", "Sent twice"),
    ]
    assert [line.refund_id for line in batch.lines.order_by("processing_order")] == [each.pk for each in made]
    assert balance(donor) == Decimal("9.00")


def test_refunds_refuse_what_cannot_be_given_back():
    donor, onlus = UserFactory(), OnlusFactory()
    twice, gone = make_donation(donor, onlus, "5.00"), make_donation(donor, onlus, "4.00")
    take_back(gone)
    lines = [
        *back(twice, twice, gone),
        LineDraft(number=4, donation_id=new_id()),
    ]

    assert refused(lines, kind=Kind.REFUNDS) == [
        (1, "REFUND_AMOUNT_TOO_LARGE"),
        (2, "REFUND_AMOUNT_TOO_LARGE"),
        (3, "DONATION_NOT_REFUNDABLE"),
        (4, "BATCH_DONATIONS_NOT_FOUND"),
    ]


def test_a_donation_given_back_meanwhile_is_not_given_back_again():
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "5.00")
    batch = started(make_batch(back(donation), kind=Kind.REFUNDS))
    take_back(donation, "1.00")

    work(batch)

    assert (figures(batch)[0], batch.lines.get().error_code) == ("failed", refunds.RefundTooLarge.code)
    assert balance(donor) == Decimal("1.00")


# Payouts ---------------------------------------------------------------------------------------------------------


def payout_lines(*organisations):
    return [LineDraft(number=n, onlus_id=onlus.pk) for n, onlus in enumerate(organisations, start=1)]


def test_payouts_are_drafted_in_one_run_with_what_is_due():
    first = payable_onlus("30.00", "12.00", iban=IBANS[0])
    second, poor = payable_onlus("20.00", iban=IBANS[1]), payable_onlus("1.00", iban=IBANS[2])
    batch = started(make_batch(payout_lines(first, second, poor), kind=Kind.PAYOUTS))

    work(batch)

    assert figures(batch) == ("partial", 3, 2, 1, 0)
    run = PayoutRun.objects.get()
    assert (batch.payout_run, run.payout_count, run.total_amount, run.status) == (
        run,
        2,
        Decimal("62.00"),
        "draft",
    )
    lines = batch.lines.select_related("payout").order_by("processing_order")
    assert [(line.payout.amount if line.payout else None, line.error_code) for line in lines] == [
        (Decimal("42.00"), ""),
        (Decimal("20.00"), ""),
        (None, "NOTHING_TO_PAY_OUT"),
    ]


def test_payouts_go_on_in_a_run_of_their_own_once_the_first_was_released():
    first, second = payable_onlus("30.00", iban=IBANS[0]), payable_onlus("20.00", iban=IBANS[1])
    batch = started(make_batch(payout_lines(first, second), kind=Kind.PAYOUTS))
    batch_processing.process_next(batch=batch, now=NOW)
    released_run = PayoutRun.objects.get()
    asked = payouts.request_release(
        run=released_run, requested_by=batch.created_by, reason="The month's end.", now=NOW
    )
    approve(request=asked, decided_by=StaffFactory(), now=NOW)

    work(batch)

    released_run.refresh_from_db()
    assert (released_run.status, released_run.payout_count) == ("approved", 1)
    assert (figures(batch)[0], batch.payout_run.payout_count) == ("completed", 1)
    assert batch.payout_run != released_run


def test_payouts_refuse_who_cannot_be_paid_and_who_is_named_twice():
    payable, without = payable_onlus("30.00"), OnlusFactory()
    lines = [*payout_lines(payable, payable, without), LineDraft(number=4, onlus_id=new_id())]

    assert refused(lines, kind=Kind.PAYOUTS) == [
        (1, "ORGANIZATION_NAMED_TWICE"),
        (2, "ORGANIZATION_NAMED_TWICE"),
        (3, "ORGANIZATION_NOT_PAYABLE"),
        (4, "ONLUS_NOT_FOUND"),
    ]


# The books -------------------------------------------------------------------------------------------------------


@pytest.mark.unbalanced
def test_the_books_see_a_line_that_does_not_say_what_was_given():
    batch = work(started(make_batch()))
    BatchLine.objects.filter(batch=batch, processing_order=1).update(processed_amount=Decimal("0.99"))

    assert [each.invariant for each in contradictions()] == ["I14"]


@pytest.mark.unbalanced
def test_the_books_see_a_batch_that_counts_wrong():
    batch = work(started(make_batch()))
    BatchOperation.objects.filter(pk=batch.pk).update(successful_items=2, skipped_items=1)

    assert [each.subject for each in contradictions()] == [f"batch {batch.pk}"]


@pytest.mark.unbalanced
def test_the_books_see_a_donation_of_a_batch_that_no_line_tells_of():
    donation = make_donation(UserFactory(), OnlusFactory(), origin=Donation.Origin.BATCH)

    assert [each.subject for each in contradictions()] == [f"donation {donation.pk}"]
