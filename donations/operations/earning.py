"""Turning verified play into credits: once per session, by the rate card in force when it ended."""

from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from donations.models import ConversionRate, LedgerAccount, SessionCredit, Transfer
from donations.operations import ledger, reward_pool
from donations.queries import rates
from games.models import GameSession
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO
from goodplay.lib.time import milliseconds, rome_day

SHORTEST = timedelta(seconds=10)
LONGEST = timedelta(hours=24)


class ConversionRateNotAvailable(DomainError):
    code = "CONVERSION_RATE_NOT_AVAILABLE"
    message = _("No rate card is in force. Please tell the staff.")
    status = 404


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"


class SessionNotCompleted(Conflict):
    code = "SESSION_NOT_COMPLETED"
    message = _("This session is still running. It is paid when it ends.")


class SessionTooShort(DomainError):
    code = "SESSION_DURATION_TOO_SHORT"
    message = _("Play shorter than 10 seconds earns nothing.")


class SessionEarnedNothing(DomainError):
    code = "SESSION_CONVERSION_ERROR"
    message = _("Only play that is completed and verified earns credits.")


def credit_of(*, player_id: UUID, session_id: UUID) -> SessionCredit:
    """Return how the player's session was paid, or say why it was not."""
    related = SessionCredit.objects.select_related("rate", "transfer__resolution", "session__game")
    credit = related.filter(player_id=player_id, session_id=session_id).first()
    if credit is not None:
        return credit
    session = GameSession.objects.of_player(player_id).filter(pk=session_id).first()
    if session is None:
        raise SessionNotFound
    if session.ended_at is None:
        raise SessionNotCompleted
    raise SessionTooShort if session.played_for < SHORTEST else SessionEarnedNothing


def credit_session(*, session: GameSession) -> SessionCredit | None:
    """Pay a verified, completed session out of the reward pool and note how; None when it earns nothing by rule.

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
    draw = reward_pool.Draw()
    return ledger.optimistically(lambda lock: _credit(session, ended_at, draw, lock=lock))


def _credit(session: GameSession, ended_at: datetime, draw: reward_pool.Draw, *, lock: bool) -> SessionCredit:
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
    draw.is_repeat = lock
    return _book(credit, account, draw)


def _calculate(
    session: GameSession, card: ConversionRate, standing: rates.Standing, ended_at: datetime
) -> rates.Calculation:
    return rates.calculate(
        minutes=Fraction(milliseconds(min(session.played_for, LONGEST)), 60000),
        base_rate=card.base_rate * session.game.credit_rate,
        multipliers=card.multipliers,
        active=rates.active_multipliers(session=session, standing=standing, ended_at=ended_at),
    )


def _book(credit: SessionCredit, account: LedgerAccount, draw: reward_pool.Draw) -> SessionCredit:
    """Write the credit and, when it is worth a cent, its transfer."""
    if credit.amount == ZERO:
        ledger.touch(account)
        credit.save(force_insert=True)
        return credit
    cause = ledger.Cause(
        transaction_id=new_id(),
        cause_id=credit.session_id,
        kind=Transfer.Kind.SESSION_CREDIT,
        player_id=credit.player_id,
    )
    credit.transfer = reward_pool.pay(
        draw=draw, account=account, amount=credit.amount, cause=cause, now=credit.created_at
    )
    credit.save(force_insert=True)
    reward_pool.tell(transfer=credit.transfer, source_type=credit.source_type)
    return credit


def _source(session: GameSession, active: tuple[str, ...]) -> SessionCredit.Source:
    if session.session_type == GameSession.Type.TOURNAMENT:
        return SessionCredit.Source.TOURNAMENT
    if session.session_type == GameSession.Type.CHALLENGE:
        return SessionCredit.Source.CHALLENGE
    return SessionCredit.Source.STREAK_BONUS if "daily_streak" in active else SessionCredit.Source.GAMEPLAY
