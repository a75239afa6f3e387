"""Organisations and their fields of work. People, documents and bank accounts of organisations are entered anew."""

import re
from datetime import datetime
from uuid import UUID

from stdnum.exceptions import ValidationError as NumberInvalid
from stdnum.it import codicefiscale

from accounts.models import Onlus, OnlusCategory
from accounts.operations.taking_over import OldOrganisation, take_over_category, take_over_organisation
from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.values import Reader, as_id

Status = Onlus.Status
ALIASES = {
    "culture_sport": "arts_culture",
    "civil_rights": "humanitarian",
    "international_cooperation": "humanitarian",
}
_CODE = re.compile(r"[a-z0-9_-]{1,30}", re.ASCII)
LONG = 20_000


def bring_category(reader: Reader, key: str, context: Context) -> str:
    code = reader.needed_text("category", 30).lower()
    code = ALIASES.get(code, code)
    if not _CODE.fullmatch(code):
        reader.note("category")
        return "other"
    name = reader.text("name", 80, default=code)
    return take_over_category(code=code, name=name, description=reader.text("description", LONG)).pk


def bring(reader: Reader, key: str, context: Context) -> str:
    reader.aliases = [
        alias for name in ("organization_id", "onlus_id") if (alias := as_id(reader.document.get(name)))
    ]
    onlus = take_over_organisation(key=UUID(key), organisation=old_organisation(reader, context.now))
    return str(onlus.pk)


def old_organisation(reader: Reader, now: datetime) -> OldOrganisation:
    verified_at = reader.moment("verification_date")
    status, reason = _status(reader, verified_at)
    suspended_at = (reader.moment("suspension_date") or now) if reason else None
    incorporated = reader.moment("incorporation_date")
    return OldOrganisation(
        name=reader.needed_text("organization_name", 200),
        category=_category(reader),
        mission_statement=reader.needed_text("mission_statement", LONG),
        contact_email=reader.needed_text("contact_email", 254).lower(),
        status=status,
        verified_at=verified_at,
        suspension_reason=reason,
        suspended_at=suspended_at,
        created_at=reader.moment("created_at") or now,
        texts=_texts(reader),
        lists={
            "tags": [tag.lower() for tag in reader.texts("tags", 60)],
            "primary_activities": reader.texts("primary_activities"),
            "funding_sources": reader.texts("funding_sources"),
        },
        is_tax_deductible=reader.flag("tax_deductible", default=True),
        annual_budget=reader.number("annual_budget"),
        incorporation_date=incorporated.date() if incorporated else None,
    )


def _status(reader: Reader, verified_at: datetime | None) -> tuple[Status, str]:
    """Return the state, and why it is suspended. Active is only who says when it was verified."""
    status = Status(reader.choice("status", Status.values, Status.UNDER_REVIEW))
    if status == Status.ACTIVE and verified_at is None:
        reader.note("status", "TO_BE_VERIFIED")
        return Status.UNDER_REVIEW, ""
    if status != Status.SUSPENDED:
        return status, ""
    hidden = reader.part("metadata").text("suspension_reason", 500)
    return status, reader.text("suspension_reason", 500) or hidden or "Suspended in the old installation."


def _category(reader: Reader) -> str:
    code = reader.text("category", 30).lower()
    code = ALIASES.get(code, code)
    if OnlusCategory.objects.filter(pk=code).exists():
        return code
    reader.note("category")
    return "other"


def _texts(reader: Reader) -> dict[str, str]:
    address = reader.part("address")
    return {
        "legal_name": reader.text("legal_name", 250),
        "description": reader.text("description", LONG),
        "website_url": _address(reader, "website_url"),
        "contact_phone": reader.text("contact_phone", 30),
        "street": address.text("street", 120),
        "postal_code": address.text("postal_code", 10),
        "city": address.text("city", 80),
        "region": address.text("region", 80),
        "tax_id": _tax_id(reader),
        "legal_entity_type": reader.text("legal_entity_type", 80),
        "operational_scope": reader.text("operational_scope", LONG),
        "target_beneficiaries": reader.text("target_beneficiaries", LONG),
    }


def _address(reader: Reader, name: str) -> str:
    written = reader.text(name, 200)
    if written and not written.startswith(("http://", "https://")):
        reader.note(name)
        return ""
    return written


def _tax_id(reader: Reader) -> str:
    written = reader.text("tax_id", 20)
    if not written:
        return ""
    try:
        return str(codicefiscale.validate(written))
    except NumberInvalid:
        reader.note("tax_id")
        return ""


CATEGORIES = Step("onlus_categories", bring_category)
ORGANISATIONS = Step("onlus_organizations", bring, ("onlus_organizations", "onlus"))
