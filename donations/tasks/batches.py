"""Workers of batches."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from donations.operations import batch_processing, batch_uploads
from goodplay.lib.jobs.tasks import job


@shared_task(name="donations.tasks.work_on_batches")
def work_on_batches() -> int:
    """Carry out what is due in running batches, beside any others that do."""
    return batch_processing.work(clock=timezone.now)


@job(every=timedelta(minutes=1))
def resume_batches() -> str:
    """Carry on batches whose workers died or whose retries are due; give up what did not get on for two hours."""
    try:
        worked = batch_processing.work(clock=timezone.now)
    finally:  # a line nobody can take must not keep the others from being given up
        stalled = batch_processing.give_up_stalled(now=timezone.now())
        ended = batch_processing.tidy(now=timezone.now())
    return f"{worked} lines dealt with, {stalled} given up, {ended} batches ended"


@job(every=timedelta(days=1))
def clear_unused_uploads() -> int:
    """Drop uploads nobody made a batch of within a week: they name people and amounts."""
    return batch_uploads.clear_unused(now=timezone.now())
