"""Credits beside play: prizes, rewards, and what the staff adds. All of them come out of the reward pool."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Bonus, LedgerAccount, Transfer
from donations.operations import auto_donation, ledger, reward_pool
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, DomainError, NotFound
from goodplay.lib.ids import new_id

LARGEST_CREDIT = Decimal("1000.00")


class CreditTooLarge(DomainError):
    code = "CREDITS_ADD_FAILED"
    message = _("One credit can be at most 1,000 EUR.")


class CreditToOneself(AccessDenied):
    code = "SELF_CREDIT_NOT_ALLOWED"
    message = _("Nobody credits their own wallet: ask a colleague.")


class PlayerNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = _("There is no such player.")


@transaction.atomic
def grant(
    *,
    player_id: UUID,
    amount: Decimal,
    source: Bonus.Source,
    cause_id: UUID,
    now: datetime,
    reason: str = "",
    granted_by: User | None = None,
) -> Bonus:
    """Credit a bonus out of the reward pool, once for each cause; asked again, return what was granted.

    Several in one transaction: take `reward_pool.lock` before the first, so that nobody waits in a circle.
    """
    if amount > LARGEST_CREDIT:
        raise CreditTooLarge
    bonus = Bonus(id=new_id(), player_id=player_id, source_type=source, granted_by=granted_by, created_at=now)
    cause = ledger.Cause(new_id(), cause_id, Transfer.Kind.BONUS, player_id, reason)
    draw = reward_pool.Draw()
    transfer = ledger.optimistically(lambda lock: _pay(draw, amount, cause, now, lock=lock))
    if transfer is None:
        return Bonus.objects.select_related("transfer").get(
            player_id=player_id, transfer__kind=Transfer.Kind.BONUS, transfer__cause_id=cause_id
        )
    bonus.transfer = transfer
    bonus.save(force_insert=True)
    reward_pool.tell(transfer=transfer, source_type=bonus.source_type)
    return bonus


@dataclass(frozen=True, slots=True)
class Added:
    """A credit by the staff, and what automatic giving made of it at once."""

    bonus: Bonus
    given: auto_donation.Result


@transaction.atomic
def add_credits(*, staff: User, player_id: UUID, amount: Decimal, reason: str, now: datetime) -> Added:
    """Credit a player by hand and write who did it, and why, into the audit trail."""
    if staff.pk == player_id:
        raise CreditToOneself
    if not User.objects.filter(pk=player_id).exists():
        raise PlayerNotFound
    bonus = grant(
        player_id=player_id,
        amount=amount,
        source=Bonus.Source.MANUAL,
        cause_id=new_id(),
        reason=reason,
        granted_by=staff,
        now=now,
    )
    given = auto_donation.after_credit(transfer=bonus.transfer, now=now)
    facts = {"player": str(player_id), "amount": str(amount)}
    trail.record(actor=staff, action="credits added", target=bonus, after=facts, reason=reason, now=now)
    return Added(bonus, given)


def _pay(
    draw: reward_pool.Draw, amount: Decimal, cause: ledger.Cause, now: datetime, *, lock: bool
) -> Transfer | None:
    """Pay the bonus; None when its cause was paid before, which the player's account decides in a race."""
    assert cause.player_id is not None  # noqa: S101  (a bonus is somebody's)
    kind = LedgerAccount.Kind.PLAYER_CREDITS
    account = ledger.player_account(player_id=cause.player_id, kind=kind, now=now, lock=lock)
    paid = Transfer.objects.filter(kind=cause.kind, cause_id=cause.cause_id, credit_account=account)
    if paid.exists():
        return None
    draw.is_repeat = lock
    return reward_pool.pay(draw=draw, account=account, amount=amount, cause=cause, now=now)
