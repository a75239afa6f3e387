"""Recurring donations: notices, due dates, attempts."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import recurring
from donations.queries.recurring import due_charges, due_notices
from goodplay.lib.jobs.tasks import job
from goodplay.lib.time import rome_day


@job(every=timedelta(hours=1))
def carry_out_recurring() -> str:
    """Open the dates that came, and try those that are due; each by itself, so that one failure stops no other.

    An attempt begins when it begins: counted from the job's start, one late in a long run would soon look lost.
    """
    now = timezone.now()
    opened, lost = recurring.open_due_charges(now=now), recurring.find_lost(now=now)
    keys = list(due_charges(now).values_list("pk", flat=True))
    for key in keys:
        recurring.attempt(charge_id=key, now=timezone.now())
    return f"{opened} dates opened, {len(keys)} attempts, {lost} found"


@job(every=timedelta(days=1))
def give_recurring_notices() -> str:
    """Tell donors of the dates of the next three days, once a date."""
    now = timezone.now()
    keys = list(due_notices(rome_day(now)).values_list("pk", flat=True))
    return f"{sum(recurring.give_notice(recurring_id=key, now=now) for key in keys)} notices"
