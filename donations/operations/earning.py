"""Turning verified play into credits: once per session, by the rate card in force when it ended."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from donations.models import ConversionRate, LedgerAccount, SessionCredit, Transfer
from donations.operations import ledger
from donations.queries import rates
from donations.signals import credits_earned
from games.models import GameSession
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO
from goodplay.lib.time import milliseconds, rome_day

SHORTEST = timedelta(seconds=10)
LONGEST = timedelta(hours=24)


class ConversionRateNotAvailable(DomainError):
    code = "CONVERSION_RATE_NOT_AVAILABLE"
    message = _("No rate card is in force. Please tell the staff.")
    status = 404


def credit_session(*, session: GameSession) -> SessionCredit | None:
    """Pay a verified, completed session and note how; None when it earns nothing by rule.

    Runs in the transaction that ends the session. Play shorter than 10 seconds earns nothing, longer than 24 hours
    counts as 24. The day's limit cuts the amount. A session is paid once: its credit is unique.
    """
    if (
        session.status != GameSession.Status.COMPLETED
        or not session.is_verified
        or session.played_for < SHORTEST
    ):
        return None
    assert session.ended_at is not None  # noqa: S101  (completed sessions are dated, by constraint)
    ended_at = session.ended_at
    return ledger.optimistically(lambda lock: _credit(session, ended_at, lock=lock))


def _credit(session: GameSession, ended_at: datetime, *, lock: bool) -> SessionCredit:
    kind = LedgerAccount.Kind.PLAYER_CREDITS
    account = ledger.player_account(player_id=session.user_id, kind=kind, now=ended_at, lock=lock)
    card = rates.current_rate(ended_at)
    if card is None:
        raise ConversionRateNotAvailable
    latest = rates.latest_credit(session.user_id)
    before = rates.standing(latest, rome_day(ended_at))
    calculation = _calculate(session, card, before, ended_at)
    left_today = max(ZERO, settings.DAILY_EARNING_LIMIT_EUR - before.earned_that_day)
    amount = min(calculation.amount, left_today)
    credit = SessionCredit(
        id=new_id(),
        session_id=session.pk,
        player_id=session.user_id,
        rate=card,
        source_type=_source(session, calculation.active),
        minutes=calculation.minutes,
        base_rate=calculation.base_rate,
        multiplier=calculation.multiplier,
        active_multipliers=list(calculation.active),
        base_amount=calculation.base_amount,
        amount=amount,
        played_on=max(rome_day(ended_at), latest.played_on) if latest else rome_day(ended_at),
        streak_days=before.streak_days,
        months_played=before.months_played,
        earned_that_day=before.earned_that_day + amount,
        # Credits form a line in the order they commit, whatever moment their requests began at.
        created_at=max(ended_at, latest.created_at) if latest else ended_at,
    )
    return _book(credit, account)


def _calculate(
    session: GameSession, card: ConversionRate, standing: rates.Standing, ended_at: datetime
) -> rates.Calculation:
    return rates.calculate(
        minutes=Decimal(milliseconds(min(session.played_for, LONGEST))) / 60000,
        base_rate=card.base_rate * session.game.credit_rate,
        multipliers=card.multipliers,
        active=rates.active_multipliers(session=session, standing=standing, ended_at=ended_at),
    )


def _book(credit: SessionCredit, account: LedgerAccount) -> SessionCredit:
    """Write the credit and, when it is worth a cent, its transfer."""
    if credit.amount == ZERO:
        ledger.touch(account)
        credit.save(force_insert=True)
        return credit
    credit.transfer = _pay(credit, account, credit.created_at)
    credit.save(force_insert=True)
    credits_earned.announce(credit=credit)
    return credit


def _pay(credit: SessionCredit, account: LedgerAccount, now: datetime) -> Transfer:
    cause = ledger.Cause(
        transaction_id=new_id(),
        cause_id=credit.session_id,
        kind=Transfer.Kind.SESSION_CREDIT,
        player_id=credit.player_id,
    )
    pool = ledger.system_account(LedgerAccount.Kind.REWARD_POOL)
    return ledger.move(debit=pool, credit=account, amount=credit.amount, cause=cause, now=now)


def _source(session: GameSession, active: tuple[str, ...]) -> SessionCredit.Source:
    if session.session_type == GameSession.Type.TOURNAMENT:
        return SessionCredit.Source.TOURNAMENT
    if session.session_type == GameSession.Type.CHALLENGE:
        return SessionCredit.Source.CHALLENGE
    return SessionCredit.Source.STREAK_BONUS if "daily_streak" in active else SessionCredit.Source.GAMEPLAY
