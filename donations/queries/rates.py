"""Which rate card pays, and which factors a session has earned."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet

from donations.models import ConversionRate, SessionCredit, SpecialEvent
from games.models import GameSession
from goodplay.lib.money import to_cents
from goodplay.lib.time import ROME, month_start, rome_day

LOYAL_AFTER_MONTHS = 3
ONE = Decimal(1)
RATES_KEY, RATES_CACHED_FOR = "conversion-rates", 60 * 60  # seconds
EVENTS_KEY, EVENTS_CACHED_FOR = "special-events", 60
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
WEEKEND_STARTS = time(18)


@dataclass(frozen=True, slots=True)
class Standing:
    """A player's history as the next credit needs it."""

    streak_days: int
    months_played: int
    earned_that_day: Decimal
    is_first: bool


@dataclass(frozen=True, slots=True)
class Calculation:
    """Credits for minutes of play: the formula's inputs and its one rounded result, in EUR."""

    minutes: Decimal
    base_rate: Decimal
    multiplier: Decimal
    active: tuple[str, ...]
    base_amount: Decimal
    amount: Decimal


def current_rate(now: datetime) -> ConversionRate | None:
    """Return the card that pays now: highest priority, then latest start. Cards are cached until one changes."""
    cards = cache.get_or_set(RATES_KEY, _active_cards, RATES_CACHED_FOR) or []
    return next((card for card in cards if card.is_valid_at(now)), None)


def event_is_running(now: datetime) -> bool:
    events = cache.get_or_set(EVENTS_KEY, _events, EVENTS_CACHED_FOR) or []
    return any(starts <= now < ends for starts, ends in events)


def forget_cards() -> None:
    """Drop the cached cards and events; called when the change of one is committed."""
    cache.delete_many([RATES_KEY, EVENTS_KEY])


def _active_cards() -> list[ConversionRate]:
    return list(ConversionRate.objects.filter(is_active=True).order_by("-priority", "-valid_from", "-id"))


def _events() -> list[tuple[datetime, datetime]]:
    return list(SpecialEvent.objects.values_list("starts_at", "ends_at"))


def calculate(
    *, minutes: Fraction, base_rate: Decimal, multipliers: dict[str, str], active: list[str]
) -> Calculation:
    """Apply the formula: minutes x rate x M, M = max(1, 1 + sum(m - 1)); rounded once, half up.

    Minutes are a fraction, because thirds of a minute have no last decimal: half a cent must be seen as one. Factors
    add up, they do not multiply (tournament and weekend give 2.1). A name the card does not know adds nothing.
    """
    factors = {name: Decimal(multipliers[name]) for name in active if name in multipliers}
    multiplier = max(ONE, ONE + sum((factor - ONE for factor in factors.values()), Decimal(0)))
    return Calculation(
        minutes=_decimal(minutes),
        base_rate=base_rate,
        multiplier=multiplier,
        active=tuple(factors),
        base_amount=to_cents(_decimal(minutes * Fraction(base_rate))),
        amount=to_cents(_decimal(minutes * Fraction(base_rate * multiplier))),
    )


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator


def named_multipliers(flags: dict[str, Any], now: datetime) -> list[str]:
    """Name the bonuses somebody asks an estimate for; the weekend is not theirs to choose."""
    conditions = {
        "tournament": flags.get("is_tournament_mode"),
        "challenge": flags.get("is_challenge_mode"),
        "daily_streak": flags.get("has_daily_streak"),
        "weekend": is_weekend(now),
        "special_event": flags.get("special_event_active"),
        "loyalty": flags.get("user_loyalty_level", 0) >= LOYAL_AFTER_MONTHS,
        "first_time": flags.get("is_first_time_player"),
    }
    return [name for name, holds in conditions.items() if holds]


def largest_multiplier(card: ConversionRate) -> Decimal:
    """Return what all bonuses of the card give together."""
    return ONE + sum(
        (max(Decimal(0), Decimal(factor) - ONE) for factor in card.multipliers.values()), Decimal(0)
    )


def estimate(*, card: ConversionRate, minutes: Decimal, active: list[str]) -> Calculation:
    """Say what so many minutes would earn on a game whose own rate is 1."""
    return calculate(
        minutes=Fraction(minutes), base_rate=card.base_rate, multipliers=card.multipliers, active=active
    )


def other_card_in_force(card: ConversionRate, now: datetime) -> bool:
    """Say whether play would be paid without this card, from now on and for good."""
    others = ConversionRate.objects.filter(is_active=True, valid_from__lte=now, valid_until=None)
    return others.exclude(pk=card.pk).exists()


def rate_history() -> QuerySet[ConversionRate]:
    """List every version of every card, the latest start first."""
    return ConversionRate.objects.order_by("-valid_from", "-id")


def active_multipliers(*, session: GameSession, standing: Standing, ended_at: datetime) -> list[str]:
    """Name the bonuses a session has, from what the server knows; nothing here comes from the client."""
    conditions = {
        "tournament": session.session_type == GameSession.Type.TOURNAMENT,
        "challenge": session.session_type == GameSession.Type.CHALLENGE,
        "daily_streak": standing.streak_days >= 2,
        "weekend": is_weekend(ended_at),
        "special_event": event_is_running(ended_at),
        "loyalty": standing.months_played >= LOYAL_AFTER_MONTHS,
        "first_time": standing.is_first,
    }
    return [name for name, holds in conditions.items() if holds]


def is_weekend(moment: datetime) -> bool:
    """Say whether it is between Friday 18:00 and Sunday midnight in Rome."""
    local = moment.astimezone(ROME)
    return local.weekday() in (SATURDAY, SUNDAY) or (
        local.weekday() == FRIDAY and local.time() >= WEEKEND_STARTS
    )


def latest_credit(player_id: UUID) -> SessionCredit | None:
    return SessionCredit.objects.filter(player_id=player_id).order_by("-created_at", "-id").first()


def standing(last: SessionCredit | None, day: date) -> Standing:
    """Work out the running figures as they are on `day` before its next credit is added."""
    if last is None:
        return Standing(streak_days=1, months_played=1, earned_that_day=Decimal("0.00"), is_first=True)
    gap = day - last.played_on
    streak = last.streak_days if gap <= timedelta(0) else last.streak_days + 1 if gap.days == 1 else 1
    return Standing(
        streak_days=streak,
        months_played=last.months_played + (month_start(day) > month_start(last.played_on)),
        earned_that_day=last.earned_that_day if gap <= timedelta(0) else Decimal("0.00"),
        is_first=False,
    )


def earned_that_hour(last: SessionCredit | None, moment: datetime) -> Decimal:
    """Return what was credited in this clock hour before, as the latest credit knows."""
    if last is None or _hour(last.created_at) != _hour(moment):
        return Decimal("0.00")
    return last.earned_that_hour


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def standing_now(player_id: UUID, now: datetime) -> Standing:
    return standing(latest_credit(player_id), rome_day(now))
