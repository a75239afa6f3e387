"""Receipts: one numbered document per donation, and the PDF it prints as."""

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from donations.models import Donation, Receipt, ReceiptCounter
from goodplay.lib.money import ZERO
from goodplay.lib.time import ROME, rome_day

TEMPLATE = Path(settings.BASE_DIR) / "templates" / "receipts" / "receipt.typ"
LANGUAGES = ("en", "it")


@transaction.atomic
def issue(*, donation: Donation, now: datetime) -> Receipt:
    """Return the donation's receipt, writing it the first time.

    Numbers run without gaps within the Rome year of issue: the counter's row is raised in this transaction and stays
    locked until it commits. Issuing twice, also at the same moment, gives one receipt.
    """
    existing = Receipt.objects.filter(donation=donation).first()
    if existing is not None:
        return existing
    year = rome_day(now).year
    try:
        with transaction.atomic():
            return Receipt.objects.create(
                donation=donation,
                kind=Receipt.Kind.GIFT if donation.paid_amount > ZERO else Receipt.Kind.THANK_YOU,
                year=year,
                number=_next_number(year),
                facts=_facts(donation),
                issued_at=now,
            )
    except IntegrityError:
        return Receipt.objects.get(donation=donation)


def render_pdf(*, receipt: Receipt, language: str) -> bytes:
    """Print the receipt as one A4 page in English or Italian. The same receipt always prints the same."""
    with translation.override(language if language in LANGUAGES else "en"):
        data = _printed(receipt)
    return bytes(_compiler().compile(format="pdf", sys_inputs={"data": json.dumps(data)}))


def _next_number(year: int) -> int:
    ReceiptCounter.objects.get_or_create(year=year)
    ReceiptCounter.objects.filter(year=year).update(last_number=F("last_number") + 1)
    return ReceiptCounter.objects.get(year=year).last_number


def _facts(donation: Donation) -> dict[str, Any]:
    """Freeze what the document says; later changes of names do not reach it."""
    donor, onlus = donation.donor, donation.onlus
    return {
        "donation_id": str(donation.pk),
        "donor": donor.get_full_name() or donor.display_name,
        "onlus": onlus.legal_name or onlus.name,
        "onlus_tax_id": onlus.tax_id,
        "onlus_runts": onlus.runts_number,
        "amount": str(donation.amount),
        "earned_amount": str(donation.earned_amount),
        "paid_amount": str(donation.paid_amount),
        "completed_at": donation.completed_at.isoformat() if donation.completed_at else "",
        "message": donation.message,
    }


def _printed(receipt: Receipt) -> dict[str, Any]:
    facts = receipt.facts
    given_on = datetime.fromisoformat(facts["completed_at"]).astimezone(ROME)
    rows = [
        (_("Number"), receipt.reference),
        (_("Donor"), facts["donor"]),
        (_("Given to"), facts["onlus"]),
        (_("Codice fiscale"), facts["onlus_tax_id"]),
        (_("RUNTS number"), facts["onlus_runts"]),
        (_("Given on"), date_format(given_on, "DATE_FORMAT")),
        (_("Credits earned by playing"), _euros(facts["earned_amount"])),
        (_("Own money"), _euros(facts["paid_amount"])),
        (_("Message"), facts["message"]),
    ]
    return {
        "language": translation.get_language(),
        "title": _title(receipt),
        "total_label": _("Total given"),
        "total": _euros(facts["amount"]),
        "rows": [[label, value] for label, value in rows if value],
        "note": _note(receipt),
        "issued": _("Issued on %(day)s by GoodPlay.")
        % {"day": date_format(receipt.issued_at.astimezone(ROME))},
    }


def _title(receipt: Receipt) -> str:
    return _("Thank-you statement") if receipt.kind == Receipt.Kind.THANK_YOU else _("Donation receipt")


def _note(receipt: Receipt) -> str:
    if receipt.kind == Receipt.Kind.THANK_YOU:
        return _(
            "These credits were earned by playing and funded by GoodPlay's sponsors. This statement thanks you; it is "
            "no receipt for a gift of your own money and gives no right to a tax benefit."
        )
    return _(
        "The part paid with your own money may be deductible under art. 83 D.Lgs. 117/2017. This document is "
        "informative: ask your adviser."
    )


def _euros(amount: str) -> str:
    if amount == "0.00":
        return ""
    whole, _dot, cents = amount.partition(".")
    return f"€ {whole}{',' if translation.get_language() == 'it' else '.'}{cents}"


class _OfThread(threading.local):
    """One compiler a thread: it cannot be shared, and making one costs more than a page."""

    compiler: Any = None


_of_thread = _OfThread()


def _compiler() -> Any:
    if _of_thread.compiler is None:
        _of_thread.compiler = typst.Compiler(str(TEMPLATE))
    return _of_thread.compiler
