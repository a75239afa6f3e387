"""When recurring donations fall due, and which do now."""

import calendar
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from donations.models import RecurringCharge, RecurringDonation

Interval = RecurringDonation.Interval

MONTHS = {Interval.MONTHLY: 1, Interval.QUARTERLY: 3, Interval.YEARLY: 12}
NOTICE = timedelta(days=3)


def next_date(day: date, interval: str, anchor_day: int) -> date:
    """Return the due date after `day`. A month that lacks the anchor day has it on its last day."""
    if interval == Interval.WEEKLY:
        return day + timedelta(days=7)
    month = day.month - 1 + MONTHS[Interval(interval)]
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(anchor_day, calendar.monthrange(year, month)[1]))


def first_date_from(today: date, start: date, interval: str, anchor_day: int) -> date:
    """Return the first due date of a schedule that is not in the past."""
    day = start
    while day < today:
        day = next_date(day, interval, anchor_day)
    return day


def recurring_of(donor_id: UUID) -> QuerySet[RecurringDonation]:
    own = RecurringDonation.objects.filter(donor_id=donor_id)
    return own.select_related("onlus", "saved_method").order_by("-created_at", "-id")


def due_recurring(today: date) -> QuerySet[RecurringDonation]:
    return RecurringDonation.objects.active().filter(next_on__lte=today).order_by("next_on", "pk")


def due_charges(now: datetime) -> QuerySet[RecurringCharge]:
    waiting = RecurringCharge.objects.filter(status=RecurringCharge.Status.PENDING, next_attempt_at__lte=now)
    return waiting.order_by("next_attempt_at", "pk")


def due_notices(today: date) -> QuerySet[RecurringDonation]:
    """Return those that fall due within three days and whose donor was not told of that date yet."""
    soon = RecurringDonation.objects.active().filter(next_on__lte=today + NOTICE, donor__is_active=True)
    return soon.filter(Q(noticed_for=None) | Q(noticed_for__lt=F("next_on"))).order_by("next_on", "pk")
