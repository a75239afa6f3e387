"""The stretches financial reports are made of: whole days of Rome's calendar, and the names they go by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from goodplay.lib.time import day_start, month_start, next_month, rome_day

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return day_start(self.first)

    @property
    def end(self) -> datetime:
        """When it is over: midnight in Rome after the last day."""
        return day_start(self.last + ONE_DAY)

    @property
    def quarter(self) -> int:
        """Which quarter of the year its first day is in, from 1."""
        return _quarter(self.first)

    @property
    def in_words(self) -> str:
        """How people name it, in the language of the moment: a month, a quarter, a year, or its days."""
        if self == month_of(self.first):
            return _lowered(date_format(self.first, "F Y"))
        if self == quarter_of(self.first):
            words = {"quarter": self.quarter, "year": self.first.year}
            return _("Q%(quarter)s %(year)s") % words
        if self == year_of(self.first):
            return str(self.first.year)
        days = {"first": _day(self.first), "last": _day(self.last)}
        return _("%(first)s to %(last)s") % days


Calendar = Callable[[date], Stretch]


def month_of(day: date) -> Stretch:
    first = month_start(day)
    return Stretch(first, next_month(first) - ONE_DAY)


def quarter_of(day: date) -> Stretch:
    first = date(day.year, 3 * _quarter(day) - 2, 1)
    return Stretch(first, next_month(next_month(next_month(first))) - ONE_DAY)


def year_of(day: date) -> Stretch:
    return Stretch(date(day.year, 1, 1), date(day.year, 12, 31))


def ended(calendar: Calendar, moment: datetime, *, how_many: int) -> Iterator[Stretch]:
    """Yield the latest stretches of a calendar that were over at the moment, the latest first."""
    stretch = calendar(rome_day(moment))
    for _each in range(how_many):
        stretch = calendar(stretch.first - ONE_DAY)
        yield stretch


def last_months(count: int, moment: datetime) -> Stretch:
    """Return the last so many whole months that were over at the moment."""
    stretches = list(ended(month_of, moment, how_many=count))
    return Stretch(stretches[-1].first, stretches[0].last)


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _day(day: date) -> str:
    return _lowered(date_format(day, "j F Y"))


def _lowered(text: str) -> str:
    """Only English gives months a capital."""
    return text if (get_language() or "").startswith("en") else text.lower()
