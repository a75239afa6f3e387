"""Money for tests, made by the operations, so that the books always balance."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from donations.models import LedgerAccount, Transfer
from donations.operations import giving, ledger
from goodplay.lib.ids import new_id

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
Kind = LedgerAccount.Kind


def give_credits(player, amount, *, kind=Kind.PLAYER_CREDITS, now=NOW):
    """Put euros in a player's wallet: a bonus from the reward pool, or own money from clearing."""
    account = ledger.player_account(player_id=player.pk, kind=kind, now=now)
    earned = kind == Kind.PLAYER_CREDITS
    cause = ledger.Cause(
        transaction_id=new_id(),
        cause_id=uuid4(),
        kind=Transfer.Kind.BONUS if earned else Transfer.Kind.TOP_UP,
        player_id=player.pk,
    )
    source = ledger.system_account(Kind.REWARD_POOL if earned else Kind.PROVIDER_CLEARING)
    return ledger.move(debit=source, credit=account, amount=Decimal(amount), cause=cause, now=now)


def make_donation(donor, onlus, amount="1.00", *, now=NOW, **options):
    """Give the donor just enough, then donate it."""
    give_credits(donor, amount, now=now)
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=now, **options)


def balance(player, kind=Kind.PLAYER_CREDITS):
    account = LedgerAccount.objects.filter(player=player, kind=kind).first()
    return account.balance if account else Decimal("0.00")
