"""What payments, refunds and disputes say about a player and about money that may not leave."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from donations.models import (
    Donation,
    LedgerAccount,
    PaymentDispute,
    PaymentIntent,
    PaymentRefund,
    SavedPaymentMethod,
    Transfer,
)
from donations.models.ledger import system_account_id
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO


def payment_history(player_id: UUID) -> QuerySet[PaymentIntent]:
    """List a player's payments, newest first."""
    return PaymentIntent.objects.of_player(player_id).order_by("-created_at", "-id")


def saved_methods_of(player_id: UUID) -> QuerySet[SavedPaymentMethod]:
    """List the means of payment a player keeps, the default first. Their tokens stay in the database."""
    kept = SavedPaymentMethod.objects.kept().filter(player_id=player_id).select_related("provider")
    hidden = ("token", "customer", "provider__credentials", "provider__webhook_secret")
    return kept.defer(*hidden).order_by("-is_default", "-created_at", "-id")


def refundable_amount(intent: PaymentIntent) -> Decimal:
    """Return what can still be given back of a payment: what was not, is not on its way back, and was not lost."""
    under_way = intent.refunds.pending().aggregate(total=Sum("amount"))["total"]
    return max(ZERO, intent.refundable_amount - euros_of(under_way) - lost_amount(intent))


def lost_amount(intent: PaymentIntent) -> Decimal:
    """Return what went back to the payer by disputes."""
    return euros_of(intent.disputes.aggregate(total=Sum("lost_amount"))["total"])


def contestable_amount(intent: PaymentIntent) -> Decimal:
    """Return what the payer paid, as it was asked for or not: no more can be disputed."""
    return intent.amount if intent.is_paid else intent.stray_amount


def stray_left(intent: PaymentIntent) -> Decimal:
    """Return what is kept aside of money that was never asked for like this: not given back, contested or lost."""
    back = intent.refunds.standing().aggregate(total=Sum("stray_amount"))["total"]
    aside = system_account_id(LedgerAccount.Kind.SUSPENSE)
    rows = Transfer.objects.filter(transaction_id__in=intent.disputes.values("pk"))
    sums = [
        euros_of(found.aggregate(total=Sum("amount"))["total"])
        for found in (
            rows.moving().filter(debit_account=aside),
            rows.open_holds().filter(debit_account=aside),
            rows.moving().filter(credit_account=aside),
        )
    ]
    lost, contested, returned = sums
    return intent.stray_amount - euros_of(back) - lost - contested + returned


def has_open_dispute(player_id: UUID) -> bool:
    """Say whether money that came into the player's wallet is disputed."""
    paid = PaymentDispute.objects.open().filter(intent__status__in=PaymentIntent.PAID)
    return paid.filter(intent__player_id=player_id).exists()


def debts_of(player_id: UUID) -> list[PaymentRefund | PaymentDispute]:
    """List what the player owes, oldest first."""
    owing = Q(intent__player_id=player_id, shortfall__gt=F("settled_amount"))
    found: list[PaymentRefund | PaymentDispute] = list(PaymentRefund.objects.filter(owing))
    found += PaymentDispute.objects.filter(owing)
    return sorted(found, key=lambda debt: debt.pk)


def debt_of(player_id: UUID) -> Decimal:
    return sum((debt.shortfall - debt.settled_amount for debt in debts_of(player_id)), ZERO)


def paid_donations_since(player_id: UUID, moment: datetime) -> QuerySet[Donation]:
    """List completed donations that own money went into from this moment on, newest first."""
    own = Donation.objects.completed().of_donor(player_id).filter(paid_amount__gt=0, completed_at__gte=moment)
    return own.order_by("-completed_at", "-id")


def disputed_donations() -> QuerySet[Donation]:
    """List donations that may hold disputed money: they must not be paid out.

    Money in a wallet has no name, so with an open dispute every gift of own money since the disputed payment waits.
    """
    disputed = PaymentDispute.objects.open().filter(
        intent__player=OuterRef("donor"), intent__confirmed_at__lte=OuterRef("completed_at")
    )
    return Donation.objects.filter(Exists(disputed), paid_amount__gt=0)


def disputed_donation_ids() -> QuerySet[Donation, UUID]:
    return disputed_donations().order_by().values_list("pk", flat=True)
