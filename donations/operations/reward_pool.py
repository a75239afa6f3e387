"""The reward pool: what sponsors paid in, and every credit a player earns comes out of.

While the pool has plenty, credits move at once and nobody waits for anybody. Near its end each payment takes the
pool's lock and reckons exactly; a credit the pool does not cover is a hold, and is posted in its turn when money
arrives.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from donations.models import LedgerAccount, Transfer
from donations.operations import ledger
from donations.queries import waiting
from donations.signals import credits_earned, credits_waiting
from goodplay.lib.db import transaction_lock

GAUGE, GAUGE_LIVES = "reward-pool-cents", 10  # seconds
LOCK = "reward pool"
SMALL_SHARE = 100  # of the margin: a larger credit is always reckoned exactly
BATCH = 500


@dataclass(slots=True)
class Draw:
    """How one credit leaves the pool: one for all attempts of `ledger.optimistically`, each of which says `is_repeat`.

    An attempt that lost its race has the player's account locked. Waiting for the pool's lock from there could mean
    waiting in a circle with who holds it and wants the account: a repeat takes no lock that the first did not take.
    """

    is_repeat: bool = False
    has_plenty: bool = False
    is_reckoned: bool = False

    def covers(self, amount: Decimal) -> bool:
        if not (self.has_plenty or self.is_reckoned):
            self.has_plenty = _has_plenty(amount)
            self.is_reckoned = not (self.has_plenty or self.is_repeat)
        return self.has_plenty or (self.is_reckoned and _reckon(amount))


def pay(
    *, draw: Draw, account: LedgerAccount, amount: Decimal, cause: ledger.Cause, now: datetime
) -> Transfer:
    """Move a credit out of the pool, or hold it until the pool covers it: the row's phase says which.

    Like `ledger.move` it belongs into `ledger.optimistically`: either way it finds out whether the player's account
    moved since it was read. Call `tell` once what the credit is for is written.
    """
    pool = ledger.system_account(LedgerAccount.Kind.REWARD_POOL)
    if draw.covers(amount):
        return ledger.move(debit=pool, credit=account, amount=amount, cause=cause, now=now)
    ledger.touch(account)
    return ledger.hold(debit=pool, credit=account, amount=amount, cause=cause, now=now)


def tell(*, transfer: Transfer, source_type: str) -> None:
    """Announce a credit: earned when it moved, waiting while it is held."""
    signal = credits_waiting if transfer.phase == Transfer.Phase.PENDING else credits_earned
    signal.announce(transfer=transfer, source_type=source_type)


def lock() -> None:
    """Take the pool's lock until the transaction ends. Who credits several players at once takes it before the first."""
    transaction_lock(LOCK)


@transaction.atomic
def pay_waiting(*, now: datetime) -> int:
    """Post waiting credits, oldest first, as far as the money reaches, and return how many; at most a batch.

    Holds the pool's lock, so that two runners do not meet; a hold is posted once in any case.
    """
    lock()
    left, posted = waiting.pool_balance() - waiting.reviewed_total(), 0
    for pending in waiting.queue()[:BATCH]:
        left -= pending.amount
        if left < 0:
            break
        tell(transfer=ledger.post(pending=pending, now=now), source_type=waiting.source_of(pending))
        posted += 1
    return posted


def forget_gauge() -> None:
    """Measure the pool again at the next credit: money arrived."""
    cache.delete(GAUGE)


def _has_plenty(amount: Decimal) -> bool:
    """Count the amount off the gauge and say whether more than the margin is left. No query, no lock.

    The gauge lives for seconds and never counts up. Credits that were under way while it was taken are not in it, nor
    those of processes that share no cache with this one: the margin must exceed what they can add up to.
    """
    margin = settings.POOL_MARGIN_EUR
    if amount * SMALL_SHARE > margin:
        return False
    try:
        return cache.decr(GAUGE, _cents(amount)) > _cents(margin)
    except ValueError:  # nobody measured lately
        return False


def _reckon(amount: Decimal) -> bool:
    """Take the pool's lock, reckon what is free, and leave the gauge for the next."""
    lock()
    if _has_plenty(amount):
        return True  # somebody measured while we waited
    left = waiting.pool_free()
    covered = amount <= left
    cache.set(GAUGE, _cents(left - amount if covered else left), GAUGE_LIVES)
    return covered


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
