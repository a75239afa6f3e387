"""Who is staff, as what, and which rights are lent: asked for by one, approved by another, all on the trail."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TemporaryGrant, User
from accounts.models.sign_in import LoginSession
from accounts.operations import staff
from accounts.roles import HIGHEST, LEVELS, ROLES, is_kept_from, level_of, may_manage, name_of
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import AccessDenied, Conflict, DomainError

STAFF_ROLE = "staff_role"
MANAGE = "accounts.manage_staff"
LONGEST_LOAN = timedelta(hours=72)


class NotBelowYou(AccessDenied):
    code = "INSUFFICIENT_ROLE"
    message = _("You manage only staff of lower roles than yours, and never yourself.")


class UnknownRole(DomainError):
    code = "ROLE_REQUIRED"
    message = _("Choose one of the roles.")


class SameRole(Conflict):
    code = "ROLE_UNCHANGED"
    message = _("This person has this role already.")


class RoleChanged(Conflict):
    code = "ROLE_CHANGED"
    message = _("This person's role changed after the request was made. Ask again.")


class LastSuperAdministrator(Conflict):
    code = "LAST_SUPER_ADMIN"
    message = _("This is the last active super administrator: make another one first.")


class RightNotHeld(AccessDenied):
    code = "INSUFFICIENT_PERMISSIONS"
    message = _("Nobody gives a right they do not hold.")


class RightKeptApart(Conflict):
    code = "SEPARATION_OF_DUTIES"
    message = _("This right is kept from the role of this person: duties stay separate.")


class LoanTooLong(DomainError):
    code = "INVALID_HOURS"
    message = _("Rights are lent for one to seventy-two hours.")


class RightAlreadyHeld(Conflict):
    code = "RIGHT_ALREADY_HELD"
    message = _("This person holds this right already.")


def role_of(user: User) -> str:
    """Return the highest role of a person; an empty text for whoever has none."""
    if user.is_superuser:
        return "super_admin"
    return max(_roles_of(user), key=lambda name: (LEVELS[name], name), default="")


def _roles_of(user: User) -> list[str]:
    return [name for name in user.groups.values_list("name", flat=True) if name in LEVELS]


@transaction.atomic
def request_role(
    *, user: User, role: str, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask for another role of somebody, or with an empty one that they leave the staff. A second person decides."""
    if role and role not in ROLES:
        raise UnknownRole
    _check_levels(requested_by, user, role)
    before = role_of(user)
    if role == before and user.is_staff == bool(role):
        raise SameRole
    _keep_one_super_administrator(user, role)
    return request_approval(
        kind=STAFF_ROLE,
        target=user,
        facts={"email": user.email, "from": before, "to": role},
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


def perform_role(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    """Give the role: other roles, rights of one's own and lent ones end, and so does every open sign-in."""
    transaction_lock("staff roles")
    user = User.objects.select_for_update().get(pk=request.target_id)
    if role_of(user) != request.facts["from"]:
        raise RoleChanged
    role: str = request.facts["to"]
    for person in (request.requested_by, request.decided_by):
        _check_levels(person, user, role)
    _keep_one_super_administrator(user, role)
    before = _rights_of(user)
    user.groups.set(Group.objects.filter(name=role) if role else [])
    user.user_permissions.clear()
    TemporaryGrant.objects.filter(user=user, ended_at=None).update(ended_at=now)
    user.is_staff, user.is_superuser = bool(role), False
    user.save(update_fields=["is_staff", "is_superuser", "updated_at"])
    staff.end_everything(user, LoginSession.Ended.STAFF, now)
    _note_role(request, user, before, now)
    return {"role": role}


@transaction.atomic
def lend_right(
    *,
    user: User,
    permission: Permission,
    hours: int,
    granted_by: User,
    reason: str,
    now: datetime,
    address: str = "",
) -> TemporaryGrant:
    """Lend a right one holds to a member of staff below oneself, for some hours."""
    if not (user.is_staff and user.is_active and may_manage(granted_by, user)):
        raise NotBelowYou
    right = name_of(permission)
    if not granted_by.has_perm(right):
        raise RightNotHeld
    if any(is_kept_from(role, right) for role in _roles_of(user)):
        raise RightKeptApart
    if not timedelta(hours=1) <= timedelta(hours=hours) <= LONGEST_LOAN:
        raise LoanTooLong
    User.objects.select_for_update().get(pk=user.pk)
    _end_overdue(TemporaryGrant.objects.overdue(now).filter(user=user), now)
    if User.objects.get(pk=user.pk).has_perm(right):
        raise RightAlreadyHeld
    grant = TemporaryGrant.objects.create(
        user=user,
        permission=permission,
        granted_by=granted_by,
        reason=reason,
        granted_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    trail.record(
        actor=granted_by,
        action="permission_grant",
        target=user,
        after={"right": right, "until": grant.expires_at},
        reason=reason,
        address=address,
        now=now,
    )
    return grant


def end_overdue(*, now: datetime) -> int:
    """Close the loans that expired, and write that down. They stopped counting by themselves."""
    with transaction.atomic():
        return _end_overdue(TemporaryGrant.objects.overdue(now), now)


def _end_overdue(grants: Any, now: datetime) -> int:
    due = list(grants.select_for_update(of=("self",)).select_related("user", "permission__content_type"))
    for grant in due:
        trail.record(
            actor=None,
            action="permission_revoke",
            target=grant.user,
            before={"right": name_of(grant.permission), "until": grant.expires_at},
            now=now,
        )
    TemporaryGrant.objects.filter(pk__in=[grant.pk for grant in due]).update(ended_at=now)
    return len(due)


def _check_levels(actor: Any, user: User, role: str) -> None:
    level = level_of(actor)
    if not may_manage(actor, user) or (level < HIGHEST and LEVELS.get(role, 0) >= level):
        raise NotBelowYou


def _keep_one_super_administrator(user: User, role: str) -> None:
    if role_of(user) != "super_admin" or role == "super_admin":
        return
    others = User.objects.filter(
        Q(is_superuser=True) | Q(groups__name="super_admin"), is_active=True, is_staff=True
    )
    if not others.exclude(pk=user.pk).exists():
        raise LastSuperAdministrator


def keep_one_super_administrator(user: User) -> None:
    """Refuse what would leave nobody to manage staff. Raises LastSuperAdministrator."""
    _keep_one_super_administrator(user, "")


def _rights_of(user: User) -> dict[str, Any]:
    return {
        "role": role_of(user),
        "rights": sorted(map(name_of, user.user_permissions.select_related("content_type"))),
    }


def _note_role(request: ApprovalRequest, user: User, before: dict[str, Any], now: datetime) -> None:
    after = _rights_of(User.objects.get(pk=user.pk))
    revoked = before["role"] or before["rights"]
    for action, needed in (("permission_revoke", revoked), ("permission_grant", after["role"])):
        if needed:
            trail.record(
                actor=request.decided_by,
                action=action,
                target=user,
                before=before,
                after=after,
                reason=request.reason,
                now=now,
            )
