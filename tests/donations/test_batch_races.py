"""Several workers on one batch, with real threads and real commits."""

from decimal import Decimal

import pytest

from donations.models import BatchOperation, Donation
from donations.operations import batch_processing, batches
from tests.factories.accounts import OnlusFactory
from tests.factories.batches import figures, gifts, make_batch, rich_players, started
from tests.factories.donations import NOW, balance
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


@pytest.fixture(autouse=True)
def workers_are_called_by_the_test(settings):
    settings.EVENT_DELIVERY = "sweep"


def batch_of(count, **options):
    players = rich_players(5, "50.00")
    lines = gifts([players[number % 5] for number in range(count)], OnlusFactory())
    return players, started(make_batch(lines, **options))


def test_four_workers_share_a_batch_and_carry_out_each_line_once():
    count = crowd(on_postgresql=100, elsewhere=20)
    players, batch = batch_of(count, batch_size=7)

    dealt_with = at_once(4, lambda number: batch_processing.work(clock=lambda: NOW))

    assert sum(dealt_with) == count
    assert figures(batch) == ("completed", count, count, 0, 0)
    lines = Donation.objects.filter(origin="batch").values_list("batch_line", flat=True)
    assert sorted(lines) == sorted(batch.lines.values_list("pk", flat=True))
    assert [balance(player) for player in players] == [Decimal("50.00") - count // 5] * 5


def test_cancelling_while_workers_run_leaves_every_line_either_done_or_left_out():
    _players, batch = batch_of(40)

    def act(number):
        if number:
            return batch_processing.work(clock=lambda: NOW)
        return batches.cancel(batch=batch, actor=batch.created_by, reason="Stop", now=NOW)

    results = at_once(4, act)

    assert [
        each
        for each in results
        if isinstance(each, Exception) and not isinstance(each, batches.BatchAlreadyCompleted)
    ] == []
    batch_processing.tidy(now=NOW)
    status, processed, done, failed, skipped = figures(batch)
    assert (processed, failed) == (40, 0)
    assert (done, 40 - done) == (Donation.objects.filter(origin="batch").count(), skipped)
    assert status == ("cancelled" if isinstance(results[0], BatchOperation) else "completed")


def test_two_retries_at_once_try_a_line_once_more():
    _players, batch = batch_of(2)
    batch_processing.process_next(batch=batch, now=NOW)
    batch_processing.give_up_stalled(now=NOW + batch_processing.STALLED_AFTER)
    batch_processing.tidy(now=NOW)
    assert figures(batch)[0] == "partial"

    results = at_once(4, lambda number: batches.retry(batch=batch, actor=batch.created_by, now=NOW))

    assert [each for each in results if isinstance(each, int)] == [1]
    assert figures(batch) == ("processing", 1, 1, 0, 0)
    assert batch.lines.get(status="retrying").retry_count == 1
