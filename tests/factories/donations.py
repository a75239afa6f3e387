"""Money for tests, made by the operations, so that the books always balance."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from donations.models import DonationRefund, Funding, LedgerAccount, Review, Sponsor, Transfer, Wallet
from donations.operations import funding, giving, ledger, refunds, reviews
from goodplay.lib.ids import new_id
from goodplay.lib.time import rome_day
from tests.factories.accounts import UserFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
Kind = LedgerAccount.Kind


def give_credits(player, amount, *, kind=Kind.PLAYER_CREDITS, now=NOW, draws=False):
    """Put euros in a player's wallet: own money from clearing, or a bonus from the reward pool.

    GoodPlay itself fills the pool for it, unless it `draws` on what is there.
    """
    account = ledger.player_account(player_id=player.pk, kind=kind, now=now)
    earned = kind == Kind.PLAYER_CREDITS
    cause = ledger.Cause(
        transaction_id=new_id(),
        cause_id=uuid4(),
        kind=Transfer.Kind.BONUS if earned else Transfer.Kind.TOP_UP,
        player_id=player.pk,
    )
    source = ledger.system_account(Kind.REWARD_POOL if earned else Kind.PROVIDER_CLEARING)
    if earned and not draws:
        funding_cause = ledger.Cause(transaction_id=new_id(), cause_id=uuid4(), kind=Transfer.Kind.FUNDING)
        own = ledger.system_account(Kind.PLATFORM_FEES)
        ledger.move(debit=own, credit=source, amount=Decimal(amount), cause=funding_cause, now=now)
    return ledger.move(debit=source, credit=account, amount=Decimal(amount), cause=cause, now=now)


def make_donation(donor, onlus, amount="1.00", *, now=NOW, **options):
    """Give the donor just enough, then donate it."""
    give_credits(donor, amount, now=now)
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=now, **options)


def let_pass(donation, *, now=NOW):
    """Let a donation that a rule held be looked at and released by a person."""
    held = Review.objects.open().filter(subject=Review.Subject.DONATION, subject_id=donation.pk).first()
    if held is not None:
        reviews.release(review=held, decided_by=UserFactory(is_staff=True), reason="Known donor.", now=now)
        donation.refresh_from_db()
    return donation


def take_back(donation, amount=None, *, now=NOW):
    """Give the donor back so much of the donation, or all that is left of it."""
    return refunds.refund_donation(
        donation_id=donation.pk,
        amount=Decimal(amount) if amount else None,
        cause=DonationRefund.Cause.STAFF,
        now=now,
    )


def balance(player, kind=Kind.PLAYER_CREDITS):
    account = LedgerAccount.objects.filter(player=player, kind=kind).first()
    return account.balance if account else Decimal("0.00")


def fund_pool(amount="100000.00", *, now=NOW):
    """Let a sponsor pay for play: the reward pool then covers what players earn."""
    sponsor, _created = Sponsor.objects.get_or_create(name="Banca del Parco", defaults={"created_at": now})
    return funding.record_funding(
        sponsor=sponsor,
        amount=Decimal(amount),
        purpose=Funding.Purpose.REWARD_POOL,
        received_on=rome_day(now),
        bank_reference=str(uuid4()),
        recorded_by=None,
        now=now,
    )


def give_all(donor, onlus, *, now=NOW):
    """Give what is in the wallet."""
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=balance(donor), now=now)


def automatic(player, onlus=None, **columns):
    """Open a wallet that gives by itself from 50 EUR."""
    settings = {"auto_donation_enabled": True, "auto_donation_threshold": "50.00", "preferred_onlus": onlus}
    return Wallet.objects.create(player=player, created_at=NOW, **settings | columns)
