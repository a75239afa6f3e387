"""Assessing organisations, and watching those at risk."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import assessments
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(days=7))
def assess_organisations() -> str:
    """Assess the organisations whose quarterly assessment is due."""
    return f"{assessments.assess_due(now=timezone.now())} assessed"


@job(every=timedelta(days=1))
def watch_organisations() -> str:
    """Raise alerts for organisations at risk and for assessments long overdue."""
    return f"{assessments.watch(now=timezone.now())} alerts"
