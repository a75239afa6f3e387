"""The calendar people live by: days, weeks, months and tax years of Europe/Rome. Storage and JSON stay UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")

Clock = Callable[[], datetime]


def clock_from(moment: datetime) -> Clock:
    """Start a clock at the moment: it goes on as time passes."""
    began = monotonic()
    return lambda: moment + timedelta(seconds=monotonic() - began)


def rome_day(moment: datetime) -> date:
    return moment.astimezone(ROME).date()


def day_start(day: date) -> datetime:
    """Return midnight in Rome that opens the day, as UTC."""
    return datetime.combine(day, time.min, ROME).astimezone(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the half-open UTC interval of one Rome day: 23, 24 or 25 hours long."""
    return day_start(day), day_start(day + timedelta(days=1))


def week_start(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_bounds(year: int, month: int) -> tuple[datetime, datetime]:
    first = date(year, month, 1)
    return day_start(first), day_start(next_month(first))


def year_bounds(year: int) -> tuple[datetime, datetime]:
    return day_start(date(year, 1, 1)), day_start(date(year + 1, 1, 1))


def milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
