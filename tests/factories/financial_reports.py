"""Financial reports for tests, made by the operations."""

from datetime import UTC, date, datetime

from donations.operations import financial_reports
from donations.report_periods import Stretch
from tests.factories.donations import make_donation

MARCH = Stretch(date(2026, 3, 1), date(2026, 3, 31))
IN_MARCH = datetime(2026, 3, 4, 12, tzinfo=UTC)
AFTER_MARCH = datetime(2026, 4, 1, 4, tzinfo=UTC)  # six in the morning in Rome


def make_summary(onlus, *, stretch=MARCH, now=AFTER_MARCH, published=True, **by):
    """Make the summary of an organisation, for its people unless told otherwise."""
    report = financial_reports.make_summary(onlus=onlus, stretch=stretch, now=now, **by)
    return financial_reports.publish(report=report, now=now) if published else report


def make_summary_of_gifts(onlus, donor, *amounts):
    for amount in amounts:
        make_donation(donor, onlus, amount, now=IN_MARCH)
    return make_summary(onlus)
