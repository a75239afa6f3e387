"""Documents as PDF, in English or Italian. What they say was frozen when they were issued; here it is only written."""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Onlus
from donations.models import DonorTaxProfile, GivingStatement, PaymentIntent, Receipt
from goodplay.lib.templatetags.house import euros
from goodplay.lib.time import ROME
from goodplay.lib.typesetting import typeset

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "receipts"
LANGUAGES = ("en", "it")

# Little pictures people write, and what joins and colours them: no font of ours has them, and boxes would stand there.
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d\u20e3\U000e0020-\U000e007f]")


def print_receipt(*, receipt: Receipt, language: str) -> bytes:
    """Print a receipt as one A4 page. The same document always prints the same."""
    with translation.override(language if language in LANGUAGES else "en"):
        return typeset(TEMPLATES / "receipt.typ", _receipt(receipt))


def print_statement(*, statement: GivingStatement, language: str) -> bytes:
    with translation.override(language if language in LANGUAGES else "en"):
        return typeset(TEMPLATES / "statement.typ", _statement(statement))


def check_address(code: str) -> str:
    """Return the public page that says whether a document is genuine; its QR code leads there."""
    return f"{settings.PUBLIC_URL}/receipts/check/{code}"


def spaced(code: str) -> str:
    """Write a check code as it is printed: in fours."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


# What documents share -------------------------------------------------------------------------------------------


def _paper(document: Receipt | GivingStatement, title: str, made_at: datetime) -> dict[str, Any]:
    platform = document.facts.get("platform", {"name": "GoodPlay", "address": "", "tax_id": ""})
    issuer = ", ".join(filter(None, platform.values()))
    words = {"day": _day(made_at), "issuer": issuer}
    return {
        "language": translation.get_language(),
        "title": title,
        "author": platform["name"],
        "reference": document.reference,
        "issued": _("Issued on %(day)s by %(issuer)s.") % words,
        "code": spaced(document.code),
        "check_words": _("Check that it is genuine:"),
        "check_address": check_address(document.code),
        "qr": segno.make(check_address(document.code), error="m").svg_inline(border=0, omitsize=True),
    }


def _donor_rows(name: str, profile: DonorTaxProfile | None) -> list[tuple[str, str]]:
    return [
        (_("Donor"), (profile.legal_name if profile else "") or name),
        (_("Codice fiscale of the donor"), profile.tax_code if profile else ""),
        (_("Address of the donor"), profile.address if profile else ""),
    ]


def _legal_note(facts: dict[str, Any], default: str) -> str:
    """Return the wording a professional reviewed, as it was on the day of issue, else the informative default."""
    notes: dict[str, str] = facts.get("legal_notes", {})
    return notes.get(str(translation.get_language())) or default


def _amount(text: str) -> str:
    return euros(Decimal(text))


def _filled(rows: list[tuple[str, str]]) -> list[list[str]]:
    printed = ((label, _PICTURES.sub("", value).strip()) for label, value in rows)
    return [[label, value] for label, value in printed if value]


def _day(moment: datetime | date) -> str:
    """Write a day in full, as Rome's calendar has it; only English gives months a capital."""
    text = date_format(moment.astimezone(ROME) if isinstance(moment, datetime) else moment, "j F Y")
    return text if translation.get_language() == "en" else text.lower()


# Receipts -------------------------------------------------------------------------------------------------------


def _receipt(receipt: Receipt) -> dict[str, Any]:
    facts = receipt.facts
    rows = [
        (_("Number"), receipt.reference),
        *_donor_rows(facts["donor"], receipt.donor_profile),
        (_("Given to"), facts["onlus"]),
        (_("Codice fiscale of the organisation"), facts["onlus_tax_id"]),
        (_("Address of the organisation"), facts.get("onlus_address", "")),
        (_("RUNTS"), _register(facts)),
        (_("Given on"), _day(datetime.fromisoformat(facts["completed_at"]))),
        (_("Paid by"), _methods(receipt)),
        *_amount_rows(facts),
        (_("In honour of"), facts.get("in_honour_of", "")),
        (_("Message"), facts["message"]),
    ]
    return {
        **_paper(receipt, _title(receipt), receipt.issued_at),
        "banner": _banner(receipt),
        "rows": _filled(rows),
        "total_label": _("No longer counts") if receipt.kind == Receipt.Kind.VOID else _("Total given"),
        "total": _amount(facts["amount"]),
        "notes": _notes(receipt),
    }


def _register(facts: dict[str, Any]) -> str:
    section = facts.get("onlus_section", "")
    known = str(Onlus.RuntsSection(section).label) if section in Onlus.RuntsSection.values else ""
    return ", ".join(filter(None, (facts["onlus_runts"], known)))


def _methods(receipt: Receipt) -> str:
    """Name the means of payment. All of them leave a trace, which the law asks for."""
    if not receipt.paid_amount:
        return ""
    names = [str(PaymentIntent.Method(code).label) for code in receipt.facts.get("payment_methods", [])]
    return _("%(means)s (traceable, art. 23 D.Lgs. 241/1997)") % {
        "means": ", ".join(names) or _("Electronic payment")
    }


def _amount_rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Tell the parts, and the gift as it was when some of it was given back; what is nothing stays out."""
    refunded = Decimal(facts.get("refunded_amount", "0"))
    parts = [
        (_("Given at first"), facts["given_amount"] if refunded else "0"),
        (_("Given back to the donor"), str(refunded)),
        (_("Credits earned by playing"), facts["earned_amount"]),
        (_("Own money"), facts["paid_amount"]),
    ]
    return [(label, _amount(amount)) for label, amount in parts if Decimal(amount)]


def _title(receipt: Receipt) -> str:
    return {
        Receipt.Kind.THANK_YOU.value: _("Thank-you statement"),
        Receipt.Kind.GIFT.value: _("Donation receipt"),
        Receipt.Kind.VOID.value: _("Void receipt"),
    }[receipt.kind]


def _banner(receipt: Receipt) -> str:
    facts = receipt.facts
    if receipt.kind == Receipt.Kind.VOID:
        return _("This document voids the receipt %(number)s: it no longer counts.") % {
            "number": facts["voids"]
        }
    if facts.get("replaces"):
        return _("This receipt replaces %(number)s, which is void.") % {"number": facts["replaces"]}
    return ""


def _notes(receipt: Receipt) -> list[str]:
    facts = receipt.facts
    if receipt.kind == Receipt.Kind.VOID:
        reasons = {
            "refund": _("The donation was given back to its donor, whole or in part."),
            "tax_data": _("The donor's tax data were added; a new receipt carries them."),
        }
        return [reasons[facts["void_reason"]]]
    if receipt.kind == Receipt.Kind.THANK_YOU:
        return [
            _(
                "These credits were earned by playing and funded by GoodPlay's sponsors. This statement thanks you; it "
                "is no receipt for a gift of your own money and gives no right to a tax benefit."
            )
        ]
    notes = [_on_behalf(facts), _tax_note(facts)]
    if Decimal(facts["earned_amount"]):
        notes.append(
            _(
                "The part from credits earned by playing was paid by sponsors: it is no gift of your own money."
            )
        )
    return notes


def _on_behalf(facts: dict[str, Any]) -> str:
    return _("Received through GoodPlay on behalf of %(onlus)s.") % {"onlus": facts["onlus"]}


def _tax_note(facts: dict[str, Any]) -> str:
    tax = facts.get("tax")
    if tax is None or tax["is_deductible"]:
        return _legal_note(facts, _deductible_note(tax))
    return _(
        "By what we know of the organisation, this gift gives no right to a deduction. This document is informative: "
        "ask your adviser."
    )


def _deductible_note(tax: dict[str, Any] | None) -> str:
    if tax is None:
        return _(
            "The part paid with your own money may be deductible under art. 83 D.Lgs. 117/2017. This document is "
            "informative: ask your adviser."
        )
    words = {
        "law": tax["law"],
        "percent": f"{Decimal(tax['rate']) * 100:.0f} %",
        "cap": _amount(tax["cap"] or "30000"),
    }
    return (
        _(
            "The part paid with your own money may be deducted under %(law)s: %(percent)s of it from the tax you owe, of "
            "at most %(cap)s a year, or all of it from your income within 10 %% of that. Keep it with the proof of "
            "payment. This document is informative: ask your adviser."
        )
        % words
    )


# Statements -----------------------------------------------------------------------------------------------------


def _statement(statement: GivingStatement) -> dict[str, Any]:
    facts = statement.facts
    annual = statement.kind == GivingStatement.Kind.ANNUAL
    rows = [
        (_("Number"), statement.reference),
        *_donor_rows(facts["donor"], statement.donor_profile),
        (_("From"), _day(statement.first)),
        (_("To"), _day(statement.last)),
        (_("Donations"), str(len(facts["lines"]))),
        (_("Credits earned by playing"), _amount(facts["earned_total"])),
        (_("Own money"), _amount(facts["paid_total"])),
        (_("Of which counts for a deduction"), _amount(facts["deductible_total"])),
    ]
    return {
        **_paper(statement, _("Yearly statement") if annual else _("Statement"), statement.created_at),
        "rows": _filled(rows),
        "total_label": _("Total given"),
        "total": _amount(facts["total"]),
        "columns": [_("Day"), _("Given to"), _("Receipt"), _("Own money"), _("Amount")],
        "lines": [_line(line) for line in facts["lines"]],
        "notes": _statement_notes(facts),
    }


def _line(line: dict[str, Any]) -> list[str]:
    return [
        _day(datetime.fromisoformat(line["given_at"])),
        line["onlus"],
        line["receipt"],
        _amount(line["paid_amount"]) if Decimal(line["paid_amount"]) else "",
        _amount(line["amount"]),
    ]


def _statement_notes(facts: dict[str, Any]) -> list[str]:
    notes = [_("What was given back is left out. Credits earned by playing are no gift of your own money.")]
    default = _("Informative: the receipts are what counts. Ask your adviser what you may deduct.")
    return [*notes, _legal_note(facts, default)]
