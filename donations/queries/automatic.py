"""Who gives automatically, and how much."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Round

from donations.models import AutoDonation, Donation, LedgerAccount, Transfer, Wallet
from donations.queries.sums import euros_of
from goodplay.lib import fields
from goodplay.lib.money import ZERO, to_cents

CREDITS = (Transfer.Kind.SESSION_CREDIT, Transfer.Kind.BONUS, Transfer.Kind.TOP_UP)


def share(balance: Decimal, threshold: Decimal, percentage: int) -> Decimal:
    """Return what is given of a balance: the percentage of what is above the threshold, rounded once, half up."""
    return max(ZERO, to_cents((balance - threshold) * percentage / 100))


def due_wallets() -> QuerySet[Wallet]:
    """List wallets over their threshold into which money came since automatic giving last looked, the longest unseen first."""
    wanted = Wallet.objects.filter(
        auto_donation_enabled=True, allocation_consent=False, player__is_active=True
    )
    wallets = wanted.annotate(available=_available(), looked_at=_latest_look(), credited_at=_latest_credit())
    unseen = Q(looked_at=None) | Q(credited_at__gt=F("looked_at"))
    over = wallets.filter(unseen, available__gt=F("auto_donation_threshold"))
    return over.order_by(F("looked_at").asc(nulls_first=True), "pk")


def consenting_wallets() -> QuerySet[Wallet]:
    """List the wallets allocation may give from: automatic giving is on, and its player consented. See `limit_of`."""
    frozen = LedgerAccount.objects.filter(player=OuterRef("player"), is_frozen=True)
    wallets = Wallet.objects.filter(
        auto_donation_enabled=True,
        allocation_consent=True,
        player__is_active=True,
        player__email_verified_at__isnull=False,
    )
    known = wallets.exclude(Exists(frozen)).annotate(available=_available(), credited_at=_latest_credit())
    return known.annotate(given=_automatic("amount"), came_back=_automatic("refunded_amount"))


def limit_of(wallet: Any) -> Decimal:
    """Return what allocation may still give from a consenting wallet: the automatic share, once for each credit.

    What was given automatically since the latest credit counts as if it were still there, and then off the share, so
    that runs at any pace give what one would. What came back to the wallet since is not given again.
    """
    given, came_back = euros_of(wallet.given), euros_of(wallet.came_back)
    balance = euros_of(wallet.available) + given - came_back
    return max(ZERO, share(balance, wallet.auto_donation_threshold, wallet.auto_donation_percentage) - given)


def causes_of(wallets: Iterable[Wallet]) -> list[list[str]]:
    """Return the causes each player named in the preferences."""
    named = (wallet.player.preferences.donations.get("preferred_causes") for wallet in wallets)
    return [[cause for cause in causes or [] if isinstance(cause, str)] for causes in named]


def _automatic(column: str) -> Any:
    """Sum over what was given automatically since the latest credit; of what waits for a review as well."""
    standing = (Donation.Status.PENDING, Donation.Status.COMPLETED, Donation.Status.REFUNDED)
    rows = Donation.objects.filter(
        donor=OuterRef("player"),
        origin__in=(Donation.Origin.ALLOCATION, Donation.Origin.AUTO),
        status__in=standing,
        created_at__gte=OuterRef("credited_at"),
    )
    total = rows.order_by().values("donor").annotate(total=Sum(column)).values("total")
    return Subquery(total, output_field=fields.euros())


def _available() -> Any:
    own = LedgerAccount.objects.filter(player=OuterRef("player"), is_frozen=False).order_by().values("player")
    total = own.annotate(total=Sum(F("balance") - F("held"))).values("total")
    return Round(Subquery(total, output_field=fields.euros()), precision=2)


def _latest_look() -> Any:
    looks = AutoDonation.objects.filter(wallet=OuterRef("pk")).order_by("-created_at")
    return Subquery(looks.values("created_at")[:1])


def _latest_credit() -> Any:
    credits = Transfer.objects.moving().filter(player=OuterRef("player"), kind__in=CREDITS, reverses=None)
    return Subquery(credits.order_by("-created_at", "-id").values("created_at")[:1])
