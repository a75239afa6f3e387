"""How an organisation stands: open, suspended, under review, closed, shown first, in order. Staff decide, with a reason.

Players can give only to an organisation that is active and in order; every giving door asks `Onlus.accepts_donations`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.caches import forget_directory
from accounts.models import Onlus, User
from accounts.operations import logos
from accounts.operations.application_states import refuse_own
from accounts.signals import (
    compliance_level_changed,
    organization_reactivated,
    organization_status_changed,
    organization_suspended,
)
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError

Status = Onlus.Status
ComplianceStatus = Onlus.ComplianceStatus

YEAR = timedelta(days=365)
FEATURED_DAYS = (1, 365)
MOVES: Mapping[str, frozenset[str]] = {
    Status.ACTIVE: frozenset({Status.SUSPENDED, Status.UNDER_REVIEW, Status.INACTIVE}),
    Status.UNDER_REVIEW: frozenset({Status.ACTIVE, Status.SUSPENDED}),
    Status.SUSPENDED: frozenset({Status.ACTIVE, Status.DEACTIVATED}),
    # Closed at its own wish: it comes back by being looked at again.
    Status.INACTIVE: frozenset({Status.UNDER_REVIEW}),
    Status.DEACTIVATED: frozenset(),
}
# From good to bad; an investigation stands beside them.
RANKS = (
    ComplianceStatus.COMPLIANT,
    ComplianceStatus.MINOR_ISSUES,
    ComplianceStatus.MAJOR_ISSUES,
    ComplianceStatus.NON_COMPLIANT,
)


class MoveNotAllowed(Conflict):
    code = "ORGANIZATION_STATUS_INVALID"
    message = _("An organisation in this state cannot be moved there. Look at its page again.")


class ReasonRequired(DomainError):
    code = "SUSPENSION_REASON_REQUIRED"
    message = _("Say why: the organisation reads it.")


class FeaturedDaysInvalid(DomainError):
    code = "INVALID_FEATURED_DURATION"
    message = _("An organisation is shown first for 1 to 365 days.")


class NotPublic(Conflict):
    code = "ORGANIZATION_NOT_PUBLIC"
    message = _("Only an active organisation can be shown first.")


class NothingChanges(Conflict):
    code = "ORGANIZATION_UNCHANGED"
    message = _("It is so already.")


def can_move(onlus: Onlus, status: str) -> bool:
    """Say whether the state allows it. Nobody becomes active here who was never verified."""
    verified = status != Status.ACTIVE or onlus.verified_at is not None
    return verified and status in MOVES[onlus.status]


@transaction.atomic
def suspend(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> Onlus:
    """Close an organisation to donations and payouts at once. Its owners read the reason."""
    if not reason.strip():
        raise ReasonRequired
    row = deciding(onlus, actor)
    _move(
        row, Status.SUSPENDED, actor, reason, now, address, suspension_reason=reason.strip(), suspended_at=now
    )
    organization_suspended.announce(onlus=row)
    return row


@transaction.atomic
def reactivate(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> Onlus:
    """Open a suspended organisation, or one that was looked at again, to donations."""
    row = deciding(onlus, actor)
    _move(row, Status.ACTIVE, actor, reason, now, address, suspension_reason="", suspended_at=None)
    organization_reactivated.announce(onlus=row)
    return row


@transaction.atomic
def put_under_review(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> Onlus:
    row = deciding(onlus, actor)
    _move(row, Status.UNDER_REVIEW, actor, reason, now, address)
    return row


@transaction.atomic
def set_inactive(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> Onlus:
    """Take an organisation out of the directory at its own wish; what it is owed is still its own."""
    row = deciding(onlus, actor)
    _move(row, Status.INACTIVE, actor, reason, now, address, featured_until=None)
    return row


@transaction.atomic
def deactivate(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> Onlus:
    """Close a suspended organisation for good."""
    row = deciding(onlus, actor)
    _move(row, Status.DEACTIVATED, actor, reason, now, address, featured_until=None)
    return row


@transaction.atomic
def feature(*, onlus: Onlus, days: int, actor: User, now: datetime, address: str = "") -> Onlus:
    """Show an organisation first for some days from now. Raises FeaturedDaysInvalid and NotPublic."""
    if not FEATURED_DAYS[0] <= days <= FEATURED_DAYS[1]:
        raise FeaturedDaysInvalid
    row = deciding(onlus, actor)
    if row.status != Status.ACTIVE:
        raise NotPublic
    change(row, "onlus_feature", actor, "", now, address, featured_until=now + timedelta(days=days))
    return row


@transaction.atomic
def stop_featuring(*, onlus: Onlus, actor: User, now: datetime, address: str = "") -> Onlus:
    row = deciding(onlus, actor)
    if not row.is_featured(now):
        raise NothingChanges
    change(row, "onlus_stop_featuring", actor, "", now, address, featured_until=None)
    return row


@transaction.atomic
def set_level(
    *, onlus: Onlus, level: str, actor: User, reason: str, now: datetime, address: str = ""
) -> Onlus:
    """Say how deeply the organisation was verified."""
    row = deciding(onlus, actor)
    if row.verification_level == level:
        raise NothingChanges
    level = Onlus.VerificationLevel(level)
    change(row, "onlus_verification_level", actor, reason, now, address, verification_level=level)
    return row


@transaction.atomic
def judge_compliance(
    *, onlus: Onlus, status: str, notes: str, actor: User, reason: str, now: datetime, address: str = ""
) -> Onlus:
    """Note a review by a person: the status they found, and the next review in a year.

    What a person decided an assessment may lower, but not lift.
    """
    row = deciding(onlus, actor)
    before = row.compliance_status
    change(
        row,
        "onlus_compliance",
        actor,
        reason,
        now,
        address,
        compliance_status=ComplianceStatus(status),
        compliance_notes=notes.strip(),
        compliance_reviewer=actor,
        last_compliance_review_at=now,
        next_review_at=now + YEAR,
    )
    _announce_level(row, before)
    return row


@transaction.atomic
def note_assessment(*, onlus: Onlus, scores: Mapping[str, Any], status: str) -> Onlus:
    """Take over what an assessment found. It neither ends an investigation nor lifts what a person decided."""
    row = _locked(onlus)
    before = row.compliance_status
    changes = dict(scores)
    may_lift = row.compliance_reviewer_id is None
    if before in RANKS and (may_lift or RANKS.index(status) > RANKS.index(before)):
        changes |= {"compliance_status": status, "compliance_reviewer": None}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    forget_directory()
    _announce_level(row, before)
    return row


def is_worse(after: str, before: str) -> bool:
    ranks = (*RANKS, ComplianceStatus.UNDER_INVESTIGATION)
    return ranks.index(after) > ranks.index(before)


def _announce_level(row: Onlus, before: str) -> None:
    if row.compliance_status != before:
        compliance_level_changed.announce(
            onlus=row, before=before, is_drop=is_worse(row.compliance_status, before)
        )


def _move(
    row: Onlus, status: str, actor: Any, reason: str, now: datetime, address: str, **changes: Any
) -> None:
    if not can_move(row, status):
        raise MoveNotAllowed
    before = row.status
    change(row, "onlus_status", actor, reason, now, address, status=status, **changes)
    logos.follow(onlus=row, now=now)
    organization_status_changed.announce(onlus=row, before=before)


def change(
    row: Onlus, action: str, actor: Any, reason: str, now: datetime, address: str, **changes: Any
) -> None:
    before = {name: _plain(getattr(row, name)) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    forget_directory()
    trail.record(
        actor=actor,
        action=action,
        target=row,
        before=before,
        after={name: _plain(value) for name, value in changes.items()},
        reason=reason,
        address=address,
        now=now,
    )


def _plain(value: Any) -> Any:
    return str(value.pk) if isinstance(value, Model) else value


def deciding(onlus: Onlus, actor: User) -> Onlus:
    """Return the row, held until the transaction ends, when this person has no seat there."""
    row = _locked(onlus)
    refuse_own(row, actor)
    return row


def _locked(onlus: Onlus) -> Onlus:
    return Onlus.objects.select_for_update(of=("self",), no_key=True).get(pk=onlus.pk)
