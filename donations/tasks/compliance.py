"""Scheduled jobs of compliance."""

from datetime import timedelta

from django.utils import timezone

from donations.operations.compliance import watching
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(days=1))
def expire_compliance_checks() -> int:
    """Let checks that are too old expire, and tell of those nobody decided on."""
    return watching.expire(now=timezone.now())


@job(every=timedelta(days=1))
def renew_compliance_checks() -> int:
    """Check people again a year after their last check."""
    return watching.renew(now=timezone.now())
