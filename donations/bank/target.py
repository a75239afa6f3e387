"""The days euro payments settle: TARGET is open Monday to Friday but on its six holidays."""

from datetime import date, timedelta

_ONE_DAY = timedelta(days=1)
_FRIDAY = 4


def is_business_day(day: date) -> bool:
    return day.weekday() <= _FRIDAY and day not in holidays(day.year)


def business_day_from(day: date) -> date:
    """Return the day itself where TARGET is open, else the next day it is."""
    while not is_business_day(day):
        day += _ONE_DAY
    return day


def business_days_after(day: date, count: int) -> date:
    """Return the `count`-th business day after the day (itself never counts)."""
    for _ in range(count):
        day = business_day_from(day + _ONE_DAY)
    return day


def holidays(year: int) -> frozenset[date]:
    sunday = easter(year)
    return frozenset(
        {
            date(year, 1, 1),
            sunday - 2 * _ONE_DAY,  # Good Friday
            sunday + _ONE_DAY,
            date(year, 5, 1),
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's rule)."""
    century, rest = divmod(year, 100)
    lunar = year % 19
    epact = (19 * lunar + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (lunar + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)
