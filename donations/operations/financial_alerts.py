"""What staff are warned of about money: limits that are passed, and days unlike those before.

Each watch raises one alert as long as it holds, and resolves it when it is over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from donations.forecasting.backtest import backtest
from donations.forecasting.moving_average import WEEK, predict
from donations.operations import rollups
from donations.operations.analytics import HISTORY_DAYS
from donations.queries.analytics.core import share
from donations.queries.analytics.daily import by_day
from donations.queries.analytics.payments import fees, payment_sums
from donations.queries.dashboard import given_back, reward_pool
from donations.queries.reconciliation import open_breaks
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.alerts.models import Severity
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import rome_day

SOURCE = "donations"
WINDOW_DAYS = 30
MOST_REFUNDED, HIGHEST_FEES = Decimal(10), Decimal(5)  # percent of what was given, and of what was paid
SHORTEST_RUNWAY = 14  # days
TRIED_AT_LEAST = 14  # days, before one is called unlike the others


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to warn of, with the figure, and the limit it is beyond."""

    alert_type: str
    severity: Severity
    title: Promise
    message: Callable[[], str]
    current_value: Decimal | int
    threshold: Decimal | int


def watch(*, now: datetime) -> list[str]:
    """Look at everything once; return the names of what is wrong."""
    rollups.roll_up(now=now)
    wrong = []
    for name, look in WATCHES.items():
        finding = look(now)
        _tell(name, finding, now)
        if finding is not None:
            wrong.append(name)
    return wrong


@transaction.atomic
def _tell(name: str, finding: Finding | None, now: datetime) -> None:
    key = f"financial:{name}"
    if finding is None:
        resolve_alert(dedupe_key=key, now=now)
        return
    data = {"metric": name, "threshold": str(finding.threshold), "current_value": str(finding.current_value)}
    raise_alert(
        area="financial",
        alert_type=finding.alert_type,
        severity=finding.severity,
        title=finding.title,
        message=finding.message,
        dedupe_key=key,
        data=data,
        source=SOURCE,
        now=now,
    )


def _filled(sentence: Promise, words: Mapping[str, object]) -> Callable[[], str]:
    """Fill in the words once the language is known."""
    return lambda: str(sentence) % words


def _refunds(now: datetime) -> Finding | None:
    back, given = given_back(_window(now))
    percent = share(back, given)
    if percent is None or percent <= MOST_REFUNDED:
        return None
    message = _("%(back)s EUR of the %(given)s EUR given in the last %(days)s days were given back.")
    words = {"back": back, "given": given, "days": WINDOW_DAYS}
    title = _("Refunds are above the limit")
    return Finding("threshold", Severity.HIGH, title, _filled(message, words), percent, MOST_REFUNDED)


def _fees(now: datetime) -> Finding | None:
    sums = payment_sums(_window(now))
    percent = share(fees(sums), sums["amount"])
    if percent is None or percent <= HIGHEST_FEES:
        return None
    message = _("Fees took %(fees)s EUR of the %(amount)s EUR paid in the last %(days)s days.")
    words = {"fees": fees(sums), "amount": sums["amount"], "days": WINDOW_DAYS}
    title = _("Payment fees are above the limit")
    return Finding("threshold", Severity.MEDIUM, title, _filled(message, words), percent, HIGHEST_FEES)


def _volume(now: datetime) -> Finding | None:
    """Compare yesterday with what the days before it let expect: was it further off than any of them?"""
    history = _history(rome_day(now))
    known, actual = history[:-1], history[-1] if history else ZERO
    tried = backtest(known, reach=1).errors[0] if len(known) > WEEK else ()
    if len(tried) < TRIED_AT_LEAST:
        return None
    [expected], widest = predict(known, 1), max(map(abs, tried))
    if abs(actual - expected) <= widest:
        return None
    message = _("Yesterday %(actual)s EUR were given. Between %(low)s and %(high)s EUR were to be expected.")
    low, high = to_cents(max(ZERO, expected - widest)), to_cents(expected + widest)
    words = {"actual": actual, "low": low, "high": high}
    title = _("A day unlike those before")
    return Finding(
        "anomaly", Severity.MEDIUM, title, _filled(message, words), actual, high if actual > expected else low
    )


def _runway(now: datetime) -> Finding | None:
    pool = reward_pool(now)
    if pool.waiting:
        message = _filled(_("Players wait for %(waiting)s EUR they earned."), {"waiting": pool.waiting})
        title = _("The reward pool is empty")
        return Finding("threshold", Severity.CRITICAL, title, message, 0, SHORTEST_RUNWAY)
    days = pool.days_left
    if days is None or days >= SHORTEST_RUNWAY or not pool.burned:
        return None
    message = _filled(_("It lasts %(days)s days at the pace of the last 30."), {"days": days})
    title = _("The reward pool runs out")
    return Finding("threshold", Severity.HIGH, title, message, days, SHORTEST_RUNWAY)


def _breaks(now: datetime) -> Finding | None:
    found = open_breaks()
    if not found.count:
        return None
    message = _("%(count)s breaks are open, %(severe)s of them severe.")
    words = {"count": found.count, "severe": found.high}
    severity = Severity.HIGH if found.high else Severity.MEDIUM
    title = _("The books and the bank do not agree")
    return Finding("threshold", severity, title, _filled(message, words), found.count, 0)


def _window(now: datetime) -> Period:
    today = rome_day(now)
    return Period(today - timedelta(days=WINDOW_DAYS - 1), today)


def _history(today: date) -> list[Decimal]:
    """Return what was given on the last days that ended, from the first gift on."""
    days: Mapping[date, Any] = by_day(Period(today - timedelta(days=HISTORY_DAYS), today - timedelta(days=1)))
    values = [given.volume for given in days.values()]
    first = next((place for place, value in enumerate(values) if value), len(values))
    return values[first:]


WATCHES: dict[str, Callable[[datetime], Finding | None]] = {
    "refunded_share": _refunds,
    "processing_fees": _fees,
    "daily_volume": _volume,
    "reward_pool_runway": _runway,
    "open_breaks": _breaks,
}
