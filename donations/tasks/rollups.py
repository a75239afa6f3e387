"""Scheduled jobs of the rollups, and of what is watched with them."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import directory_totals, financial_alerts, rollups
from goodplay.lib.jobs.tasks import job


class RollupsDiffer(Exception):
    """Raised by the nightly proof so that the job counts as failed and shows in the back office."""


@job(every=timedelta(minutes=10))
def roll_up() -> str:
    """Make the days anew whose donations, payments or transfers changed."""
    return f"{rollups.roll_up(now=timezone.now())} days made anew"


@job(every=timedelta(days=1))
def verify_rollups() -> str:
    """Prove that the rollups say what the base rows say."""
    rollups.roll_up(now=timezone.now())
    if found := rollups.differences(settled_only=True):
        raise RollupsDiffer("; ".join(map(str, found[:5])))
    return "the rollups are right"


@job(every=timedelta(minutes=30))
def watch_finances() -> str:
    """Warn of limits that are passed, and of days unlike those before."""
    return ", ".join(financial_alerts.watch(now=timezone.now())) or "all is well"


@job(every=timedelta(hours=1))
def sum_directory() -> str:
    """Bring what the public directory tells of donations up to date."""
    return f"{directory_totals.sum_up(now=timezone.now())} organisations"
