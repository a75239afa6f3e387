"""Credits for play the rules want seen: held out of the reward pool, then paid or given back to it."""

from datetime import datetime
from uuid import UUID

from donations.models import LedgerAccount, SessionCredit
from donations.operations import ledger, reviews, reward_pool
from donations.operations.risk.judging import Judgement
from donations.queries import waiting
from games.models import GameSession
from goodplay.lib.money import ZERO


def hold(credit: SessionCredit, account: LedgerAccount, cause: ledger.Cause, judgement: Judgement) -> None:
    """Write a credit whose money waits; the pool's queue passes it by while its review is open.

    Finds out, like every credit, whether the player's account moved since it was read.
    """
    ledger.touch(account)
    pool = ledger.system_account(LedgerAccount.Kind.REWARD_POOL)
    now = credit.created_at
    credit.transfer = ledger.hold(debit=pool, credit=account, amount=credit.amount, cause=cause, now=now)
    credit.save(force_insert=True)
    reviews.open_review(judgement=judgement, now=now)


def release(session_id: UUID, now: datetime) -> None:
    """Pay the credit; when the pool does not cover it now, it waits in the pool's queue like any other."""
    reward_pool.lock()
    pending = waiting.hold_of_session(session_id)
    others = waiting.waiting_total() - pending.amount
    if pending.amount <= waiting.pool_balance() - others:
        reward_pool.tell(
            transfer=ledger.post(pending=pending, now=now), source_type=waiting.source_of(pending)
        )


def reject(session_id: UUID, now: datetime) -> None:
    """Leave the credit in the pool. The session shows that it earned nothing after all."""
    ledger.void(pending=waiting.hold_of_session(session_id), now=now)
    GameSession.objects.filter(pk=session_id).update(credits_earned=ZERO)


reviews.decides(reviews.Subject.SESSION, release=release, reject=reject)
