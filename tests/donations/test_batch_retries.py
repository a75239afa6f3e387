"""Batches: lines tried again, given up, and batches cancelled."""

import pytest

from donations.models import BatchError, BatchLine, BatchOperation, Donation
from donations.operations import batch_processing, batches
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory
from tests.factories.batches import figures, gifts, later, make_batch, rich_players, started, work
from tests.factories.donations import NOW, give_all, give_credits

pytestmark = pytest.mark.django_db
Kind = BatchOperation.Type
Line = BatchLine.Status


# Retrying --------------------------------------------------------------------------------------------------------


@pytest.fixture
def half_done():
    """A batch whose second line failed for want of money, which has come since."""
    players, onlus = rich_players(2), OnlusFactory()
    batch = started(make_batch(gifts(players, onlus, "10.00"), max_retries=2))
    give_all(players[1], onlus)
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
