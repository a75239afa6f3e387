"""Donations, what sponsors added, and what was given back."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Sum
from django.db.models.functions import Round

from donations.models import Donation, DonationMatch, DonationRefund, LedgerAccount, MatchingOffer, Transfer
from donations.queries.proofs.common import MOVING, Contradiction, euros


def donations_are_carried() -> Iterator[Contradiction]:
    legs = (
        Transfer.objects.filter(
            MOVING, kind=Transfer.Kind.DONATION, reverses=None, transaction_id=OuterRef("pk")
        )
        .order_by()
        .values("transaction_id")
    )
    from_cash = legs.filter(debit_account__kind=LedgerAccount.Kind.PLAYER_CASH)
    carried, by_cash = (
        euros(rows.annotate(total=Sum("amount")).values("total")) for rows in (legs, from_cash)
    )
    given = Donation.objects.filter(status__in=(Donation.Status.COMPLETED, Donation.Status.REFUNDED))
    for row in given.annotate(carried=carried, by_cash=by_cash).exclude(
        amount=F("carried"), paid_amount=F("by_cash")
    ):
        yield Contradiction("I7", f"donation {row.pk}", f"is {row.amount}, its transfers carry {row.carried}")
    known = Donation.objects.filter(
        pk=OuterRef("transaction_id"),
        onlus=OuterRef("credit_account__onlus"),
        donor=OuterRef("debit_account__player"),
    )
    orphans = Transfer.objects.filter(MOVING, kind=Transfer.Kind.DONATION, reverses=None).exclude(
        Exists(known)
    )
    for transfer in orphans:
        yield Contradiction(
            "I7", f"transfer {transfer.pk}", "carries no donation of this donor to this ONLUS"
        )


def refunds_are_told() -> Iterator[Contradiction]:
    """What ran back along a donation's transfers is what its refunds and its own row say."""
    backwards = Transfer.objects.filter(
        kind=Transfer.Kind.DONATION, reverses__isnull=False, transaction_id=OuterRef("pk")
    )
    told = DonationRefund.objects.filter(donation=OuterRef("pk")).order_by().values("donation")
    given = Donation.objects.annotate(
        back=euros(
            backwards.order_by().values("transaction_id").annotate(total=Sum("amount")).values("total")
        ),
        told=euros(told.annotate(total=Sum("amount")).values("total")),
    )
    for row in given.exclude(refunded_amount=F("back"), told=F("back")):
        yield Contradiction(
            "I7",
            f"donation {row.pk}",
            f"tells {row.refunded_amount} given back, its refunds {row.told}, {row.back} came back",
        )


def only_waiting_donations_hold() -> Iterator[Contradiction]:
    waiting = Donation.objects.filter(pk=OuterRef("transaction_id"), status=Donation.Status.PENDING)
    holds = Transfer.objects.open_holds().filter(kind=Transfer.Kind.DONATION)
    for row in holds.exclude(Exists(waiting)):
        yield Contradiction("I7", f"transfer {row.pk}", "holds money for a donation that does not wait")


def matches_are_carried() -> Iterator[Contradiction]:
    legs = Transfer.objects.filter(kind=Transfer.Kind.MATCH, cause_id=OuterRef("donation_id")).order_by()
    sponsored = legs.filter(reverses=None, debit_account__kind=LedgerAccount.Kind.SPONSOR)
    forward = sponsored.values("cause_id").annotate(total=Sum("amount")).values("total")
    back = legs.filter(reverses__isnull=False).values("cause_id").annotate(total=Sum("amount"))
    matches = DonationMatch.objects.annotate(carried=euros(forward), back=euros(back.values("total")))
    for row in matches.exclude(amount=F("carried"), refunded_amount=F("back")):
        yield Contradiction("I7", f"match {row.pk}", f"is {row.amount}, its transfers carry {row.carried}")
    for row in matches.exclude(
        donation__matched_amount=Round(F("amount") - F("refunded_amount"), precision=2)
    ):
        yield Contradiction("I7", f"match {row.pk}", "is not what its donation says was added")
    unmatched = Donation.objects.filter(matched_amount__gt=0, match=None)
    for donation in unmatched:
        yield Contradiction("I7", f"donation {donation.pk}", "tells of a match that is not there")
    known = DonationMatch.objects.filter(donation=OuterRef("cause_id"))
    for transfer in Transfer.objects.filter(kind=Transfer.Kind.MATCH).exclude(Exists(known)):
        yield Contradiction("I7", f"transfer {transfer.pk}", "matches no donation")
    sums = DonationMatch.objects.filter(offer=OuterRef("pk")).order_by().values("offer")
    used = sums.annotate(total=Sum("amount") - Sum("refunded_amount")).values("total")
    for offer in MatchingOffer.objects.annotate(used=euros(used)).exclude(matched_amount=F("used")):
        yield Contradiction(
            "I7", f"offer {offer.pk}", f"counts {offer.matched_amount}, its matches {offer.used}"
        )
