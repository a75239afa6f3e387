"""Days on which offices in Italy work: Monday to Friday, but for the holidays of the whole country."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays

from goodplay.lib.time import day_start, rome_day


@lru_cache(maxsize=32)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("IT", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays(day.year)


def after_working_days(moment: datetime, count: int) -> datetime:
    """Return the end, in Rome, of the last of so many working days that follow the day of the moment."""
    day = rome_day(moment)
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day_start(day + timedelta(days=1))


def working_days_between(first: datetime, last: datetime) -> int:
    """Count the working days after the day of the first moment, up to and with the day of the last."""
    day, end = rome_day(first), rome_day(last)
    return sum(is_working_day(day + timedelta(days=n)) for n in range(1, (end - day).days + 1))
