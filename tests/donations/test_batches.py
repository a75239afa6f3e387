"""Batches: handed in whole, released by a second person, run, retried, cancelled."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Onlus
from donations.models import BatchError, BatchLine, BatchOperation, Donation
from donations.operations import batch_intake, batch_processing, batches, ledger
from donations.operations.batch_lines import Fault, LineDraft
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import AlreadyRequested, FourEyesRequired, approve
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import (
    figures,
    gifts,
    later,
    make_batch,
    refused,
    released,
    rich_players,
    started,
    work,
)
from tests.factories.donations import NOW, balance, give_all, give_credits

pytestmark = pytest.mark.django_db
Kind = BatchOperation.Type
Line = BatchLine.Status


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


def test_types_without_lines_are_refused():
    with pytest.raises(batch_intake.BatchTypeNotAvailable):
        make_batch([], kind="anything")


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
    give_all(players[1], onlus)

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
