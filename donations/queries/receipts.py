"""Receipts as their donors and those who check them look for them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Round

from accounts.models import Onlus
from donations.models import Donation, GivingStatement, Receipt
from goodplay.lib.time import day_start


def live_receipts(donor_id: UUID) -> QuerySet[Receipt]:
    """List a donor's valid receipts, the latest gift first."""
    rows = Receipt.objects.live().of_donor(donor_id).select_related("donation")
    return rows.order_by("-donation__completed_at", "-donation_id")


def receipts_between(donor_id: UUID, start: datetime, end: datetime) -> QuerySet[Receipt]:
    """List a donor's valid receipts for gifts of a half-open time, the oldest gift first."""
    rows = Receipt.objects.live().of_donor(donor_id).select_related("donation")
    within = rows.filter(donation__completed_at__gte=start, donation__completed_at__lt=end)
    return within.order_by("donation__completed_at", "donation_id")


def documents_of(donation_id: UUID) -> list[Receipt]:
    """List every document of a donation, the latest first; void ones and what they void know each other."""
    rows = Receipt.objects.filter(donation_id=donation_id)
    return list(rows.select_related("voids", "voided_by", "donor_profile").order_by("-year", "-number"))


def out_of_line(*, between: tuple[datetime, datetime] | None = None) -> "QuerySet[Any]":
    """Return donations whose live receipt does not say what is left of them: none yet, too much, or one too many."""
    live = Receipt.objects.live().filter(donation=OuterRef("pk")).order_by().values("amount")[:1]
    rows = Donation.objects.on_record().annotate(told=Subquery(live))
    if between:
        rows = rows.filter(completed_at__gte=between[0], completed_at__lt=between[1])
    untold = Q(status=Donation.Status.COMPLETED) & (
        # Rounded, because SQLite adds in floating point.
        Q(told=None) | ~Q(amount=Round(F("told") + F("refunded_amount"), precision=2))
    )
    return rows.filter(untold | Q(status=Donation.Status.REFUNDED, told__isnull=False))


def by_code(code: str) -> Receipt | GivingStatement | None:
    """Find the document a check code is printed on."""
    receipts = Receipt.objects.select_related(
        "donation", "donor_profile", "voids", "voided_by", "replaced_by"
    )
    found: Any = receipts.filter(code=code).first()
    return found or GivingStatement.objects.select_related("donor", "donor_profile").filter(code=code).first()


def is_up_to_date(statement: GivingStatement) -> bool:
    """Say whether it still tells what was given on its days: something may have been given, or given back, since."""
    start, end = day_start(statement.first), day_start(statement.last + timedelta(days=1))
    rows = receipts_between(statement.donor_id, start, end).select_related(None).only("year", "number")
    told = [line["receipt"] for line in statement.facts["lines"]]
    return [row.reference for row in rows] == told and _is_newest(statement)


def _is_newest(statement: GivingStatement) -> bool:
    later = GivingStatement.objects.filter(
        donor_id=statement.donor_id,
        kind=statement.kind,
        first=statement.first,
        last=statement.last,
        created_at__gt=statement.created_at,
    )
    return not later.exists()


def with_organisations(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the codice fiscale and the field of each organisation to the lines of a statement. One query."""
    known = Onlus.objects.in_bulk({UUID(line["onlus_id"]) for line in lines})
    found = {str(key): onlus for key, onlus in known.items()}
    return [
        {
            **line,
            "onlus_tax_id": found[line["onlus_id"]].tax_id,
            "onlus_category": found[line["onlus_id"]].category_id,
        }
        for line in lines
    ]
