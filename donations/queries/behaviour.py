"""How somebody plays, gives and signs in: what is measured, what of it is a sign, and what the signs add up to.

A report for a person who decides. Nothing is held or refused by it: that is the rules' business.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Max

from accounts.models import LoginSession
from donations.models import SessionCredit, Transfer
from donations.queries import compliance_settings
from games.models import GameSession
from goodplay.lib.money import ZERO
from goodplay.lib.time import ROME

MOST = 2000
HOURS = 24
HEAVY = frozenset({"rapid_succession", "extremely_long_session", "high_amount"})
"""Signs that count three times as much as the others."""
LEVELS = ((80, "critical"), (60, "high"), (40, "medium"))
ENOUGH = 5  # movements, before their pattern says anything
LARGE_AMOUNT, HIGH_MULTIPLIER = Decimal(500), Decimal(5)
LONGEST, SHORTEST = timedelta(hours=12), timedelta(seconds=10)
APART = timedelta(seconds=10)
MANY_ADDRESSES = 3
LEGITIMATE_FROM, PER_ISSUE = 60, 20
SHOWN_SESSIONS = 20
MONEY = (Transfer.Kind.DONATION, Transfer.Kind.TOP_UP)
_BEGUN = (Transfer.Phase.SINGLE, Transfer.Phase.PENDING)


@dataclass(slots=True)
class Movement:
    """A gift or a top-up: its earned and its paid part are one."""

    kind: str
    amount: Decimal
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    session_id: UUID
    started_at: datetime
    ended_at: datetime | None
    played_for: timedelta
    is_verified: bool
    multiplier: Decimal | None
    device: str


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands out: its constant, what was seen and what that was held against."""

    code: str
    seen: str
    threshold: str


def analyse(user_id: UUID, *, now: datetime, hours: int = HOURS) -> dict[str, Any]:
    """Report on the last hours, at most the newest 2,000 movements and sessions. Four queries."""
    since = now - timedelta(hours=hours)
    movements, sessions = _movements(user_id, since, now), _sessions(user_id, since, now)
    addresses, agents = _devices(user_id, since)
    signs = [
        *_volume(movements),
        *_patterns(movements),
        *_timing(movements),
        *_amounts(movements, sessions),
        *_lengths(sessions),
        *_places(addresses),
    ]
    score = min(100, sum(30 if sign.code in HEAVY else 10 for sign in signs))
    judged = [_legitimacy(session, sessions) for session in sessions]
    return {
        "user_id": user_id,
        "period": {"start_date": since, "end_date": now, "hours": hours},
        "risk_score": score,
        "risk_level": next((level for least, level in LEVELS if score >= least), "low"),
        "indicators": signs,
        "volume": _volume_figures(movements),
        "play": _play_figures(sessions, judged),
        "devices": {
            "addresses": len(addresses),
            "devices": len(agents | {session.device for session in sessions if session.device}),
        },
        "doubtful_sessions": sorted(judged, key=lambda each: each["legitimacy_score"])[:SHOWN_SESSIONS],
    }


# What there is --------------------------------------------------------------------------------------------------


def _movements(user_id: UUID, since: datetime, now: datetime) -> list[Movement]:
    rows = Transfer.objects.filter(
        player_id=user_id, kind__in=MONEY, phase__in=_BEGUN, reverses=None, created_at__range=(since, now)
    )
    found: dict[UUID, Movement] = {}
    columns = ("transaction_id", "kind", "amount", "created_at")
    for key, kind, amount, made_at in rows.order_by("-created_at", "-id").values_list(*columns)[:MOST]:
        if key in found:
            found[key].amount += amount
        else:
            found[key] = Movement(kind, amount, made_at)
    return sorted(found.values(), key=lambda each: each.made_at)


def _sessions(user_id: UUID, since: datetime, now: datetime) -> list[Session]:
    rows = GameSession.objects.filter(user_id=user_id, started_at__range=(since, now)).order_by("-started_at")
    columns = ("pk", "started_at", "ended_at", "played_for", "is_verified", "device_info")
    found = list(rows.values_list(*columns)[:MOST])
    credits = SessionCredit.objects.filter(player_id=user_id, created_at__gte=since)
    multipliers = dict(credits.values_list("session_id", "multiplier"))
    return [
        Session(key, started, ended, played, verified, multipliers.get(key), _device(info))
        for key, started, ended, played, verified, info in reversed(found)
    ]


def _device(info: Any) -> str:
    """Name a device by what its client said of it."""
    return "|".join(f"{name}={info[name]}" for name in sorted(info)) if isinstance(info, dict) else ""


def _devices(user_id: UUID, since: datetime) -> tuple[set[str], set[str]]:
    used = LoginSession.objects.filter(user_id=user_id, last_used_at__gte=since)
    rows = used.values_list("address", "user_agent").annotate(last=Max("last_used_at"))[:MOST]
    kept = [(address, agent) for address, agent, _last in rows]
    return {address for address, _ in kept if address}, {agent for _, agent in kept if agent}


# Signs ----------------------------------------------------------------------------------------------------------


def _volume(movements: Sequence[Movement]) -> Iterable[Sign]:
    settings = compliance_settings.current()
    per_hour = settings.number("aml_rules.velocity_transactions_per_hour")
    euros = settings.number("risk_thresholds.daily_transaction_limit")
    busiest, total = _busiest_hour(movements), sum((each.amount for each in movements), ZERO)
    if busiest > per_hour or total > euros:
        yield Sign("high_volume", f"{busiest} / € {total}", f"{per_hour} / € {euros}")
    elif busiest > per_hour / 2 or total > euros / 2:
        yield Sign("medium_volume", f"{busiest} / € {total}", f"{per_hour / 2} / € {euros / 2}")


def _busiest_hour(movements: Sequence[Movement]) -> int:
    """Count the most movements that lie within any hour."""
    most = first = 0
    for last, movement in enumerate(movements):
        while movement.made_at - movements[first].made_at > timedelta(hours=1):
            first += 1
        most = max(most, last - first + 1)
    return most


def _patterns(movements: Sequence[Movement]) -> Iterable[Sign]:
    if not movements:
        return
    alike = Counter(each.amount for each in movements).most_common(1)[0][1]
    limit = compliance_settings.current().number("risk_thresholds.suspicious_pattern_threshold")
    if alike > limit:
        yield Sign("identical_amounts", str(alike), str(limit))
    if len(movements) < ENOUGH:
        return
    gaps = [(after.made_at - before.made_at).total_seconds() for before, after in pairwise(movements)]
    spread, mean = max(gaps) - min(gaps), sum(gaps) / len(gaps)
    if mean and spread <= mean * 0.05:
        yield Sign("regular_intervals", f"{spread:.0f} s", f"{mean * 0.05:.0f} s")
    share = _percent(each.amount % 10 == 0 for each in movements)
    if share > 80:
        yield Sign("mostly_round_amounts", f"{share} %", "80 %")


def _timing(movements: Sequence[Movement]) -> Iterable[Sign]:
    if len(movements) >= ENOUGH:
        share = _percent(not 6 <= each.made_at.astimezone(ROME).hour < 22 for each in movements)
        if share > 70:
            yield Sign("predominantly_off_hours", f"{share} %", "70 %")
    gaps = [after.made_at - before.made_at for before, after in pairwise(movements)]
    if gaps and min(gaps) < APART:
        yield Sign("rapid_succession", f"{min(gaps).total_seconds():.1f} s", "10 s")


def _amounts(movements: Sequence[Movement], sessions: Sequence[Session]) -> Iterable[Sign]:
    largest = max((each.amount for each in movements), default=ZERO)
    if largest > LARGE_AMOUNT:
        yield Sign("high_amount", f"€ {largest}", f"€ {LARGE_AMOUNT}")
    multiplier = max((each.multiplier for each in sessions if each.multiplier is not None), default=ZERO)
    if multiplier > HIGH_MULTIPLIER:
        yield Sign("high_multiplier", str(multiplier), str(HIGH_MULTIPLIER))


def _lengths(sessions: Sequence[Session]) -> Iterable[Sign]:
    ended = [each.played_for for each in sessions if each.ended_at is not None]
    if ended and max(ended) > LONGEST:
        yield Sign("extremely_long_session", str(max(ended)), str(LONGEST))
    if ended and min(ended) < SHORTEST:
        yield Sign("very_short_session", str(min(ended)), str(SHORTEST))


def _places(addresses: set[str]) -> Iterable[Sign]:
    if len(addresses) > MANY_ADDRESSES:
        yield Sign("many_addresses", str(len(addresses)), str(MANY_ADDRESSES))


def _percent(found: Iterable[bool]) -> int:
    every = list(found)
    return 100 * sum(every) // len(every)


# Figures --------------------------------------------------------------------------------------------------------


def _volume_figures(movements: Sequence[Movement]) -> dict[str, Any]:
    given = [each.amount for each in movements if each.kind == Transfer.Kind.DONATION]
    paid = [each.amount for each in movements if each.kind == Transfer.Kind.TOP_UP]
    return {
        "gifts": len(given),
        "given": sum(given, ZERO),
        "top_ups": len(paid),
        "paid_in": sum(paid, ZERO),
        "busiest_hour": _busiest_hour(movements),
        "largest_movement": max((each.amount for each in movements), default=ZERO),
    }


def _play_figures(sessions: Sequence[Session], judged: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "sessions": len(sessions),
        "minutes": int(sum((each.played_for for each in sessions), timedelta()).total_seconds() // 60),
        "verified": sum(each.is_verified for each in sessions),
        "legitimate": sum(each["is_legitimate"] for each in judged),
        "doubtful": sum(not each["is_legitimate"] for each in judged),
    }


def _legitimacy(session: Session, every: Sequence[Session]) -> dict[str, Any]:
    """Judge one session: twenty off a hundred for each issue, and from sixty on it is legitimate."""
    issues = [
        code
        for code, holds in (
            ("too_long", session.played_for > LONGEST),
            ("too_short", session.ended_at is not None and session.played_for < SHORTEST),
            ("high_multiplier", (session.multiplier or ZERO) > HIGH_MULTIPLIER),
            ("not_verified", session.ended_at is not None and not session.is_verified),
            ("longer_than_its_time", _is_longer_than_its_time(session)),
            ("at_the_same_time_as_another", _overlaps(session, every)),
        )
        if holds
    ]
    score = max(0, 100 - PER_ISSUE * len(issues))
    return {
        "session_id": session.session_id,
        "started_at": session.started_at,
        "minutes": int(session.played_for.total_seconds() // 60),
        "legitimacy_score": score,
        "is_legitimate": score >= LEGITIMATE_FROM,
        "issues": issues,
    }


def _is_longer_than_its_time(session: Session) -> bool:
    return session.ended_at is not None and session.played_for > session.ended_at - session.started_at + APART


def _overlaps(session: Session, every: Sequence[Session]) -> bool:
    if session.ended_at is None:
        return False
    return any(
        other.session_id != session.session_id
        and other.ended_at is not None
        and other.started_at < session.ended_at
        and session.started_at < other.ended_at
        for other in every
    )
