"""The monthly payout."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import payouts
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(days=31))
def prepare_payouts() -> str:
    """Draft what is due to organisations. People release it."""
    run = payouts.prepare_payouts(now=timezone.now())
    return f"{run.payout_count} payouts, {run.total_amount} EUR" if run else "nothing due"
