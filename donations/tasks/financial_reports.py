"""Financial reports: made when their days are over, their files erased after their period."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import financial_reports, report_files
from goodplay.lib.jobs.tasks import job


class FinancialReportsFailed(Exception):
    """Raised when a report could not be made, so that the job counts as failed and shows in the back office."""


@job(every=timedelta(days=1))
def make_financial_reports() -> str:
    """Make the financial reports of the months, quarters and years that ended, and publish the organisations' own."""
    count, problems = financial_reports.make_due(now=timezone.now())
    if problems:
        raise FinancialReportsFailed("; ".join(problems[:5]))
    return f"{count} reports"


@job(every=timedelta(days=1))
def erase_report_files() -> str:
    """Erase the papers of financial reports after ninety days."""
    return f"{report_files.erase_old(now=timezone.now())} files"
