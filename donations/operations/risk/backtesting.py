"""What a rule would have said about the past: no rule is put in force before somebody has read that."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from donations.models import (
    BatchOperation,
    Donation,
    PaymentIntent,
    Payout,
    Review,
    RiskRule,
    RuleBacktest,
    SessionCredit,
)
from donations.queries import compliance_settings, risk_rules
from donations.queries.risk_facts import gather
from donations.rules.facts import BATCH, DONATION, PAYOUT, SESSION, TOP_UP, Movement

MOST, EXAMPLES = 5000, 20
DAYS = 90


@transaction.atomic
def run_backtest(
    *, rule: RiskRule, run_by: User | None = None, days: int = DAYS, now: datetime
) -> RuleBacktest:
    """Ask the rule about the movements of the last days, at most the newest 5,000, with the facts as they were then.

    The rule is asked alone: what other rules would have added to its score is not part of the test.
    """
    since = now - timedelta(days=days)
    ready = risk_rules.ready(rule, compliance_settings.current())
    looked_at, hits = 0, []
    for movement, moment in _PAST[rule.subject](since, now):
        looked_at += 1
        facts = gather(movement=movement, needed=ready.condition.facts, now=moment)
        if ready.condition.holds(facts) is not None:
            hits.append(movement.subject_id)
    return RuleBacktest.objects.create(
        rule=rule,
        since=since,
        until=now,
        looked_at=looked_at,
        hit_count=len(hits),
        known_count=len(_known(rule.subject, hits)),
        examples=[str(key) for key in hits[:EXAMPLES]],
        settings_version=compliance_settings.current().version,
        run_by=run_by,
        created_at=now,
    )


def _donations(since: datetime, until: datetime) -> Iterator[tuple[Movement, datetime]]:
    rows = Donation.objects.filter(created_at__gte=since, created_at__lt=until).order_by("-created_at", "-pk")
    for row in rows[:MOST]:
        yield (
            Movement(DONATION, row.pk, row.donor_id, row.amount, {"origin": str(row.origin)}),
            row.created_at,
        )


def _top_ups(since: datetime, until: datetime) -> Iterator[tuple[Movement, datetime]]:
    status = PaymentIntent.Status
    paid = PaymentIntent.objects.filter(
        status__in=(status.SUCCEEDED, status.REFUNDED, status.PARTIALLY_REFUNDED)
    )
    rows = paid.filter(created_at__gte=since, created_at__lt=until).order_by("-created_at", "-pk")
    for row in rows[:MOST]:
        yield Movement(TOP_UP, row.pk, row.player_id, row.amount), row.created_at


def _payouts(since: datetime, until: datetime) -> Iterator[tuple[Movement, datetime]]:
    rows = Payout.objects.filter(created_at__gte=since, created_at__lt=until).order_by("-created_at", "-pk")
    for row in rows[:MOST]:
        yield Movement(PAYOUT, row.pk, None, row.amount), row.created_at


def _sessions(since: datetime, until: datetime) -> Iterator[tuple[Movement, datetime]]:
    rows = SessionCredit.objects.filter(created_at__gte=since, created_at__lt=until)
    for row in rows.order_by("-created_at", "-pk")[:MOST]:
        given: dict[str, Any] = {
            "multiplier": row.multiplier,
            "minutes_played": row.minutes,
            "earned_that_day": row.earned_that_day,
            "earned_that_hour": row.earned_that_hour,
            "streak_days": row.streak_days,
            "months_played": row.months_played,
        }
        yield Movement(SESSION, row.session_id, row.player_id, row.amount, given), row.created_at


def _batches(since: datetime, until: datetime) -> Iterator[tuple[Movement, datetime]]:
    moving = BatchOperation.objects.exclude(operation_type__in=BatchOperation.WITHOUT_MONEY)
    rows = moving.filter(created_at__gte=since, created_at__lt=until).order_by("-created_at", "-pk")
    for row in rows[:MOST]:
        yield Movement(BATCH, row.pk, row.created_by_id, row.total_amount), row.created_at


_PAST = {DONATION: _donations, TOP_UP: _top_ups, PAYOUT: _payouts, SESSION: _sessions, BATCH: _batches}


def _known(subject: str, keys: list[UUID]) -> set[UUID]:
    """Return those somebody had a doubt about at the time: reviewed, given back or disputed."""
    known = set(
        Review.objects.filter(subject=subject, subject_id__in=keys).values_list("subject_id", flat=True)
    )
    if subject == DONATION:
        back = Donation.objects.filter(pk__in=keys, refunded_amount__gt=0)
        known |= set(back.values_list("pk", flat=True))
    if subject == TOP_UP:
        doubted = PaymentIntent.objects.filter(pk__in=keys)
        known |= set(doubted.filter(refunds__isnull=False).values_list("pk", flat=True))
        known |= set(doubted.filter(disputes__isnull=False).values_list("pk", flat=True))
    return known
