"""The periods reports are made of: whole days of Rome's calendar, and the names they go by in addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from goodplay.lib.time import day_start, month_start, next_month, rome_day, week_start
from impact.models import CommunityReport

Type = CommunityReport.Type
ONE_DAY = timedelta(days=1)
YEARS = range(2000, 2101)

REGULAR = (Type.DAILY, Type.WEEKLY, Type.MONTHLY, Type.QUARTERLY, Type.ANNUAL)
"""The reports that are made by themselves, the shortest period first."""

_WRITTEN = {
    Type.DAILY: re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII),
    Type.WEEKLY: re.compile(r"(\d{4})-W(\d{2})", re.ASCII),
    Type.MONTHLY: re.compile(r"(\d{4})-(\d{2})", re.ASCII),
    Type.QUARTERLY: re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
    Type.ANNUAL: re.compile(r"(\d{4})", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """The days from `first` to `last`, both included."""

    report_type: str
    first: date
    last: date

    @property
    def start(self) -> datetime:
        return day_start(self.first)

    @property
    def end(self) -> datetime:
        """When it is over: midnight in Rome after the last day, 23 to 25 hours after that day began."""
        return day_start(self.last + ONE_DAY)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "ReportPeriod":
        """The period of its kind that came before; of a special event as many days."""
        if self.report_type in REGULAR:
            return period_of(self.report_type, self.first - ONE_DAY)
        return ReportPeriod(self.report_type, self.first - timedelta(days=self.days), self.first - ONE_DAY)

    @property
    def year_before(self) -> "ReportPeriod":
        """The same a year earlier: weeks 52 weeks earlier, so that they compare the same weekdays."""
        if self.report_type == Type.WEEKLY:
            return period_of(self.report_type, self.first - timedelta(weeks=52))
        if self.report_type in REGULAR:
            return period_of(self.report_type, _a_year_earlier(self.first))
        return ReportPeriod(self.report_type, _a_year_earlier(self.first), _a_year_earlier(self.last))

    @property
    def name(self) -> str:
        """How addresses name it: 2026-03-04, 2026-W10, 2026-03, 2026-Q1 or 2026."""
        first = self.first
        return {
            Type.DAILY: f"{first:%Y-%m-%d}",
            Type.WEEKLY: "{}-W{:02}".format(*first.isocalendar()[:2]),
            Type.MONTHLY: f"{first:%Y-%m}",
            Type.QUARTERLY: f"{first.year}-Q{(first.month + 2) // 3}",
            Type.ANNUAL: str(first.year),
        }.get(Type(self.report_type), f"{first:%Y-%m-%d}..{self.last:%Y-%m-%d}")

    @property
    def in_words(self) -> str:
        """How people name it, in the language of the moment."""
        words = {"first": _day(self.first), "last": _day(self.last), "year": self.first.year}
        if self.report_type == Type.DAILY:
            return _day(self.first)
        if self.report_type == Type.MONTHLY:
            return _lowered(date_format(self.first, "F Y"))
        if self.report_type == Type.QUARTERLY:
            quarter = (self.first.month + 2) // 3
            return _("quarter %(quarter)s of %(year)s") % {"quarter": quarter, **words}
        if self.report_type == Type.ANNUAL:
            return str(self.first.year)
        return _("%(first)s to %(last)s") % words


def period_of(report_type: str, day: date) -> ReportPeriod:
    """Return the regular period the day is in."""
    if report_type == Type.DAILY:
        return ReportPeriod(report_type, day, day)
    if report_type == Type.WEEKLY:
        monday = week_start(day)
        return ReportPeriod(report_type, monday, monday + timedelta(days=6))
    first = month_start(day)
    if report_type == Type.MONTHLY:
        return ReportPeriod(report_type, first, next_month(first) - ONE_DAY)
    if report_type == Type.QUARTERLY:
        first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        last = next_month(next_month(next_month(first))) - ONE_DAY
        return ReportPeriod(report_type, first, last)
    if report_type == Type.ANNUAL:
        return ReportPeriod(report_type, date(day.year, 1, 1), date(day.year, 12, 31))
    raise ValueError(f"{report_type} has no calendar")


def period_named(report_type: str, name: str) -> ReportPeriod | None:
    """Read the name of a regular period of these centuries; None where there is no such."""
    written = _WRITTEN.get(Type(report_type)) if report_type in Type.values else None
    match = written.fullmatch(name) if written else None
    if match is None:
        return None
    parts = [int(part) for part in match.groups()]
    try:
        return period_of(report_type, _first_day(report_type, parts)) if parts[0] in YEARS else None
    except (ValueError, OverflowError):
        return None


def period_covered(report: CommunityReport) -> ReportPeriod:
    """Return the days a stored report is about."""
    last = rome_day(report.period_end - timedelta(microseconds=1))
    return ReportPeriod(report.report_type, rome_day(report.period_start), last)


def last_ended(report_type: str, now: datetime, *, how_many: int) -> Iterator[ReportPeriod]:
    """Yield the latest periods that are over, the latest first."""
    period = period_of(report_type, rome_day(now)).before
    for _each in range(how_many):
        yield period
        period = period.before


def _first_day(report_type: str, parts: list[int]) -> date:
    if report_type == Type.WEEKLY:
        return date.fromisocalendar(parts[0], parts[1], 1)
    if report_type == Type.QUARTERLY:
        return date(parts[0], 3 * parts[1] - 2, 1)
    return date(*parts, *[1] * (3 - len(parts)))


def _a_year_earlier(day: date) -> date:
    """Go back a year; what has no 29 February ends a day earlier."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _day(day: date) -> str:
    return _lowered(date_format(day, "j F Y"))


def _lowered(text: str) -> str:
    """Only English gives months a capital."""
    return text if (get_language() or "").startswith("en") else text.lower()
