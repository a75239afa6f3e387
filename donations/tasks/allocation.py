"""Scheduled jobs of allocation: the daily run, and emergencies in between."""

from datetime import timedelta

from django.utils import timezone

from donations.models import AllocationRun
from donations.operations import allocation, allocation_requests
from donations.queries.allocation import due_requests
from goodplay.lib.jobs.tasks import job

Trigger = AllocationRun.Trigger


@job(every=timedelta(days=1))
def allocate_due() -> str:
    """Give what donors and pools have for the requests that wait, and finish what an earlier run left."""
    run = allocation.run(trigger=Trigger.DAILY, clock=timezone.now)
    return f"{run.scheduled_count} requests, {run.given_amount} EUR, {run.rejected_count} rejected"


@job(every=timedelta(minutes=15))
def look_at_waiting_requests() -> str:
    """Score again what waits, so that whoever asked sees how it stands now."""
    return f"{allocation_requests.look_again(now=timezone.now())} scored"


@job(every=timedelta(minutes=10))
def allocate_emergencies() -> str:
    """Do the same for emergencies only, when there are any; report those that wait too long."""
    resumed = allocation.resume(clock=timezone.now)
    given = "no emergency"
    if due_requests(emergencies_only=True).exists():
        run = allocation.run(trigger=Trigger.EMERGENCY, clock=timezone.now)
        given = f"{run.scheduled_count} emergencies, {run.given_amount} EUR"
    overdue = allocation.alert_overdue(now=timezone.now())
    return f"{given}, {resumed} resumed, {overdue} overdue"
