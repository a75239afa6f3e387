"""Turning verified play into credits: once per session, by the rate card in force when it ended."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from donations.models import (
    ConversionRate,
    LedgerAccount,
    Review,
    RiskDecision,
    RiskSubject,
    SessionCredit,
    Transfer,
)
from donations.operations import ledger, reward_pool, session_reviews
from donations.operations.risk import judging
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


class SessionUnderReview(DomainError):
    code = "FRAUD_DETECTION_TRIGGERED"
    message = _("What this session earned is being looked at. It is paid or refused when that is done.")


class SessionRefused(DomainError):
    code = "FRAUD_DETECTION_TRIGGERED"
    message = _("This session was refused for safety. Write to us if you think it is a mistake.")


class SessionEarnedNothing(DomainError):
    code = "SESSION_CONVERSION_ERROR"
    message = _("Only play that is completed and verified earns credits.")


def credit_of(*, player_id: UUID, session_id: UUID) -> SessionCredit:
    """Return how the player's session was paid, or say why it was not."""
    related = SessionCredit.objects.select_related("rate", "transfer__resolution", "session__game")
    credit = related.filter(player_id=player_id, session_id=session_id).first()
    if credit is not None:
        _refuse_held(credit)
        return credit
    session = GameSession.objects.of_player(player_id).filter(pk=session_id).first()
    if session is None:
        raise SessionNotFound
    if session.ended_at is None:
        raise SessionNotCompleted
    if RiskDecision.objects.filter(subject_id=session_id, action=RiskDecision.Action.BLOCK).exists():
        raise SessionRefused
    raise SessionTooShort if session.played_for < SHORTEST else SessionEarnedNothing


def _refuse_held(credit: SessionCredit) -> None:
    """Raise when a review holds the credit, or refused it."""
    hold = credit.transfer
    if hold is None or hold.phase != Transfer.Phase.PENDING:
        return
    review = Review.objects.filter(subject=Review.Subject.SESSION, subject_id=credit.session_id).first()
    if review is not None and review.status == Review.Status.OPEN:
        raise SessionUnderReview
    if review is not None and review.status == Review.Status.REJECTED:
        raise SessionRefused


def credit_session(*, session: GameSession) -> SessionCredit | None:
    """Pay a verified, completed session out of the reward pool and note how; None when it earns nothing by rule.

    Runs in the transaction that ends the session. Play shorter than 10 seconds earns nothing, longer than 24 hours
    counts as 24. The day's limit cuts the amount. A session is paid once: its credit is unique. What the rules want
    seen is held until somebody decided; what they refuse earns nothing, and the decision says why.
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


def _credit(
    session: GameSession, ended_at: datetime, draw: reward_pool.Draw, *, lock: bool
) -> SessionCredit | None:
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
    moment = max(ended_at, latest.created_at) if latest else ended_at
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
        earned_that_hour=rates.earned_that_hour(latest, moment) + amount,
        # Credits form a line in the order they commit, whatever moment their requests began at.
        created_at=moment,
    )
    judgement = _judge(credit, calculation.multiplier)
    draw.is_repeat = lock
    if judgement.blocks:
        judging.keep(judgement)
        return None
    return _book(credit, account, draw, judgement)


def _judge(credit: SessionCredit, multiplier: Decimal) -> judging.Judgement:
    """Ask the rules about a credit: all they may want to know stands in it, so nothing is read."""
    movement = judging.Movement(
        subject=RiskSubject.SESSION.value,
        subject_id=credit.session_id,
        player_id=credit.player_id,
        amount=credit.amount,
        given={
            "multiplier": multiplier,
            "minutes_played": credit.minutes,
            "earned_that_day": credit.earned_that_day,
            "earned_that_hour": credit.earned_that_hour,
            "streak_days": credit.streak_days,
            "months_played": credit.months_played,
        },
    )
    return judging.judge(movement=movement, now=credit.created_at)


def _calculate(
    session: GameSession, card: ConversionRate, standing: rates.Standing, ended_at: datetime
) -> rates.Calculation:
    return rates.calculate(
        minutes=Fraction(milliseconds(min(session.played_for, LONGEST)), 60000),
        base_rate=card.base_rate * session.game.credit_rate,
        multipliers=card.multipliers,
        active=rates.active_multipliers(session=session, standing=standing, ended_at=ended_at),
    )


def _book(
    credit: SessionCredit, account: LedgerAccount, draw: reward_pool.Draw, judgement: judging.Judgement
) -> SessionCredit:
    """Write the credit and, when it is worth a cent, its transfer: a hold while the rules want it seen."""
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
    if judgement.holds:
        session_reviews.hold(credit, account, cause, judgement)
        return credit
    credit.transfer = reward_pool.pay(
        draw=draw, account=account, amount=credit.amount, cause=cause, now=credit.created_at
    )
    credit.save(force_insert=True)
    judging.keep(judgement)
    reward_pool.tell(transfer=credit.transfer, source_type=credit.source_type)
    return credit


def _source(session: GameSession, active: tuple[str, ...]) -> SessionCredit.Source:
    if session.session_type == GameSession.Type.TOURNAMENT:
        return SessionCredit.Source.TOURNAMENT
    if session.session_type == GameSession.Type.CHALLENGE:
        return SessionCredit.Source.CHALLENGE
    return SessionCredit.Source.STREAK_BONUS if "daily_streak" in active else SessionCredit.Source.GAMEPLAY
