"""Batches for tests, made by the operations: handed in by one, released by another."""

from datetime import timedelta
from decimal import Decimal

import pytest

from donations.models import BatchLine, BatchOperation
from donations.operations import batch_intake, batch_processing, batches
from donations.operations.batch_lines import LineDraft
from goodplay.lib.approvals.operations import approve
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, give_credits


def gifts(players, onlus, amount="1.00"):
    """Make one line for each of the players."""
    return [
        LineDraft(number=number, player_id=player.pk, onlus_id=onlus.pk, amount=Decimal(amount))
        for number, player in enumerate(players, start=1)
    ]


def rich_players(count, amount="10.00"):
    players = UserFactory.create_batch(count)
    for player in players:
        give_credits(player, amount)
    return players


def make_batch(lines=None, *, kind=BatchOperation.Type.DONATIONS, by=None, now=NOW, **options):
    """Hand in the lines; by default three gifts of one euro."""
    if lines is None:
        lines = gifts(rich_players(3), OnlusFactory())
    return batch_intake.create_batch(
        operation_type=kind, lines=lines, created_by=by or StaffFactory(), options=options, now=now
    )


def released(batch, *, by=None, now=NOW):
    asked = batches.request_release(
        batch=batch, requested_by=batch.created_by, reason="The gifts of the fair.", now=now
    )
    approve(request=asked, decided_by=by or StaffFactory(), now=now)
    batch.refresh_from_db()
    return batch


def started(batch, *, by=None, now=NOW):
    """Release the batch and hand it to the workers; none works in tests without real commits."""
    released(batch, by=by, now=now)
    batches.start(batch=batch, actor=batch.created_by, now=now)
    batch.refresh_from_db()
    return batch


def work(batch, *, now=NOW):
    """Let one worker do what is due."""
    batch_processing.work(clock=lambda: now)
    batch.refresh_from_db()
    return batch


def figures(batch):
    """Read the counters: dealt with, carried out, failed, left out."""
    batch.refresh_from_db()
    return (
        batch.status,
        batch.processed_items,
        batch.successful_items,
        batch.failed_items,
        batch.skipped_items,
    )


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def refused(lines, *, kind=BatchOperation.Type.DONATIONS, unreadable=()):
    """Hand the lines in, and return what is said about each that is at fault."""
    with pytest.raises(batch_intake.BatchNotValid) as refusal:
        batch_intake.create_batch(
            operation_type=kind, lines=lines, unreadable=unreadable, created_by=StaffFactory(), now=NOW
        )
    assert not BatchOperation.objects.exists()
    assert not BatchLine.objects.exists()
    return [(each["line"], each["code"]) for each in refusal.value.data["validation_errors"]]
