"""What an organisation says of itself. What the law knows it by changes only when staff have looked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.caches import forget_directory
from accounts.models import Onlus, OnlusMembership, User
from accounts.operations import logos
from accounts.operations.application_states import refuse_own
from accounts.operations.team import OwnersOnly
from accounts.signals import onlus_profile_changed
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError

LEGAL_DATA = "onlus_legal_data"
WAITS_FOR = timedelta(days=30)
OWN = (
    "mission_statement",
    "description",
    "contact_email",
    "contact_phone",
    "website_url",
    "social_media",
    "tags",
    "street",
    "postal_code",
    "city",
    "region",
    "operational_scope",
    "target_beneficiaries",
)
DAY = "incorporation_date"
LEGAL = (
    "name",
    "legal_name",
    "tax_id",
    "legal_entity_type",
    "incorporation_date",
    "runts_number",
    "runts_section",
)


class NothingToChange(DomainError):
    code = "ORGANIZATION_UNCHANGED"
    message = _("Nothing differs from what is on record.")


class LegalDataChanged(Conflict):
    code = "ORGANIZATION_CHANGED_MEANWHILE"
    message = _("The data changed since this was asked for. Reject it, and let the organisation ask again.")


class NameTaken(Conflict):
    code = "ORGANIZATION_NAME_EXISTS"
    message = _("Another organisation has this name.")


@transaction.atomic
def edit(
    *, onlus: Onlus, member: User, changes: Mapping[str, Any], now: datetime, address: str = ""
) -> Onlus:
    """Change what the public page says; owners only. Saying the same again leaves no trace."""
    row = _owned(onlus, member)
    differing = {
        name: changes[name] for name in OWN if name in changes and getattr(row, name) != changes[name]
    }
    if not differing:
        return row
    before = {name: getattr(row, name) for name in differing}
    for name, value in differing.items():
        setattr(row, name, value)
    row.save(update_fields=list(differing))
    trail.record(
        actor=member,
        action="onlus_profile_edit",
        target=row,
        before=before,
        after=differing,
        address=address,
        now=now,
    )
    forget_directory()
    onlus_profile_changed.announce(onlus=row)
    return row


@transaction.atomic
def ask_for_legal_data(
    *,
    onlus: Onlus,
    member: User,
    changes: Mapping[str, Any],
    reason: str,
    now: datetime,
    address: str = "",
) -> ApprovalRequest:
    """Ask staff to change name, tax id or register data. One such request waits at a time."""
    row = _owned(onlus, member)
    wanted = {name: _plain(changes[name]) for name in LEGAL if name in changes}
    differing = {name: value for name, value in wanted.items() if _plain(getattr(row, name)) != value}
    if not differing:
        raise NothingToChange
    _check_name(row, differing)
    facts = {"from": {name: _plain(getattr(row, name)) for name in differing}, "to": differing}
    return request_approval(
        kind=LEGAL_DATA,
        target=row,
        facts=facts,
        requested_by=member,
        reason=reason,
        now=now,
        address=address,
    )


def change_legal_data(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Write what was asked for, if what it replaces is still so. Whoever has a seat there leaves it to a colleague."""
    row = Onlus.objects.select_for_update(of=("self",), no_key=True).get(pk=request.target_id)
    refuse_own(row, request.decided_by)
    before, after = request.facts["from"], request.facts["to"]
    if any(_plain(getattr(row, name)) != value for name, value in before.items()):
        raise LegalDataChanged
    _check_name(row, after)
    for name, value in after.items():
        setattr(row, name, None if name == DAY and not value else value)
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in after])
    row.save(update_fields=list(after))
    logos.describe(onlus=row)
    trail.record(
        actor=request.decided_by,
        action="onlus_legal_data",
        target=row,
        before=before,
        after=after,
        reason=request.reason,
        now=now,
    )
    forget_directory()
    onlus_profile_changed.announce(onlus=row)
    return dict(after)


def _check_name(row: Onlus, changes: Mapping[str, Any]) -> None:
    name = changes.get("name")
    if name is not None and Onlus.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
        raise NameTaken


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _owned(onlus: Onlus, member: User) -> Onlus:
    row = Onlus.objects.select_for_update(of=("self",), no_key=True).get(pk=onlus.pk)
    if not row.memberships.filter(user=member, role=OnlusMembership.Role.OWNER).exists():
        raise OwnersOnly
    return row
