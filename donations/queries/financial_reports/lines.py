"""The movements a report is the sum of."""

from typing import Any

from django.db.models import QuerySet

from donations.models import FinancialReport, Transfer
from donations.queries.financial_reports.movements import Movement, movements, support, through
from donations.queries.financial_reports.onlus import payable_of
from donations.report_periods import Stretch

ON_PAPER, ON_PAPER_OF_ONLUS = 100, 50


def lines_of(report: FinancialReport) -> QuerySet[Transfer, Movement]:
    """List all of them, the oldest first."""
    stretch = Stretch(report.first, report.last)
    if report.onlus is not None:
        account = payable_of(report.onlus)
        return movements(through(account.pk if account else None, stretch))
    return movements(support(stretch))


def on_paper(report: FinancialReport) -> list[Movement]:
    """List the first hundred; of one organisation the last fifty, the latest first. An audit has none."""
    rows: Any = lines_of(report)
    if report.is_audit:
        return []
    if report.is_of_onlus:
        return list(rows.order_by("-created_at", "-id")[:ON_PAPER_OF_ONLUS])
    return list(rows[:ON_PAPER])
