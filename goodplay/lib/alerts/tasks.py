from datetime import timedelta

from django.utils import timezone

from goodplay.lib.alerts import thresholds
from goodplay.lib.jobs import watch
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(minutes=1))
def evaluate_alert_rules() -> str:
    """Compare what was measured with the thresholds."""
    return thresholds.evaluate(now=timezone.now())


@job(every=timedelta(minutes=1))
def watch_jobs() -> str:
    """Raise the alarm about jobs that are late or fail."""
    return watch.watch(now=timezone.now())
