"""Which days people may name: none so early or late that the days around it, or midnight in Rome, do not exist."""

from datetime import date, datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator

from goodplay.lib.time import rome_day

SENSIBLE = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]

BOOKS_BEGIN = date(2020, 1, 1)
"""No book of ours is older."""
FARTHEST = timedelta(days=366)


def is_of_our_books(day: date, now: datetime) -> bool:
    """Say whether the books may know the day, or will within a year."""
    return BOOKS_BEGIN <= day <= rome_day(now) + FARTHEST
