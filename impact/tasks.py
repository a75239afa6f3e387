from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from impact.operations.milestones import record_community_milestones


@job(every=timedelta(minutes=5))
def record_due_community_milestones() -> int:
    """Record and announce the thresholds the community has crossed since."""
    return len(record_community_milestones(now=timezone.now()))
