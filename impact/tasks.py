from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from impact.models import CommunityReport
from impact.operations import engagement, metric_upkeep, proofs, reporting, reports, updates
from impact.operations.events import count_missed_gifts
from impact.operations.milestones import record_community_milestones
from impact.operations.stories import open_due
from impact.queries.community import community_statistics
from impact.queries.dashboard import warm_dashboard


@job(every=timedelta(minutes=5))
def record_due_community_milestones() -> int:
    """Record and announce the thresholds the community has crossed since."""
    return len(record_community_milestones(now=timezone.now()))


class ReportsFailed(Exception):
    """Raised when a report could not be made, so that the job counts as failed and shows in the back office."""


@job(every=timedelta(hours=1))
def make_due_reports() -> str:
    """Make and publish the community reports of the days, weeks, months, quarters and years that ended."""
    touched = reports.make_due(now=timezone.now())
    failed = [report for report in touched if report.status == CommunityReport.Status.ERROR]
    if failed:
        told = (f"{report}: {report.generation_metadata.get('error_message')}" for report in failed[:5])
        raise ReportsFailed("; ".join(told))
    return f"{len(touched)} reports"


@job(every=timedelta(days=1))
def archive_old_reports() -> int:
    """Put away published reports that are more than a year old, but for months and years."""
    return reports.archive_old(now=timezone.now())


@job(every=timedelta(minutes=5))
def open_due_stories() -> int:
    """Open the stories whose time has come, and new ones for those who had reached them before."""
    now = timezone.now()
    count_missed_gifts(now=now)
    return open_due(now=now)


@job(every=timedelta(days=1))
def publish_inclusion_roots() -> str:
    """Make and publish the Merkle roots of the days the ledger sealed."""
    return f"{proofs.make_roots(now=timezone.now())} days"


@job(every=timedelta(minutes=5))
def publish_due_updates() -> str:
    """Publish updates whose time has come, and end what was featured until now."""
    published, ended = updates.publish_due(now=timezone.now())
    return f"{published} published, {ended} no longer featured"


@job(every=timedelta(minutes=5))
def refresh_trending_updates() -> int:
    """Score the updates of the last hours by what people did with them."""
    return engagement.refresh_trending(now=timezone.now())


@job(every=timedelta(days=1))
def remind_of_stale_metrics() -> int:
    """Ask organisations for newer readings of what nobody renewed for thirty days."""
    return metric_upkeep.remind_of_stale(now=timezone.now())


@job(every=timedelta(hours=1))
def watch_reporting() -> str:
    """Note when organisations owe their next report, and ask those for it who owe it."""
    return f"{reporting.watch(now=timezone.now())} asked"


@job(every=timedelta(days=1))
def reconcile_metric_totals() -> str:
    """Lay what metrics counted beside the donations."""
    return metric_upkeep.reconcile_totals(now=timezone.now())


@job(every=timedelta(minutes=10))
def warm_dashboards() -> str:
    """Keep warm what everybody's first screen shows."""
    now = timezone.now()
    community_statistics(now)
    return f"{len(warm_dashboard(now).recent_updates)} updates"
