"""Scheduled jobs of wallets: credits that wait for money, and giving that nobody looked at."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import auto_donation, reward_pool
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(minutes=10))
def pay_waiting_credits() -> str:
    """Post the credits that the reward pool covers by now, oldest first."""
    paid = posted = reward_pool.pay_waiting(now=timezone.now())
    while posted == reward_pool.BATCH:
        posted = reward_pool.pay_waiting(now=timezone.now())
        paid += posted
    return f"{paid} credits paid"


@job(every=timedelta(hours=1))
def give_automatically() -> str:
    """Look at the wallets that automatic giving missed."""
    return f"{auto_donation.sweep(now=timezone.now())} donations"
