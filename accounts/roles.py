"""Staff roles: groups with the rights they are meant to have.

`*` matches within "app.codename", and the last pattern that matches decides; one that begins with `!` keeps the right
from the role. A role gets its rights when it is created and for models that are new since then; what staff took away
from a group by hand stays away. What is kept from a role is taken from it after each migrate, and is never lent to it:
so duties stay separate. super_admin always has every right.
"""

from fnmatch import fnmatch
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions

# What compliance alone decides about. Who moves money does not judge it, and who judges it does not move it.
COMPLIANCE = (
    "case*",
    "compliance*",
    "fraudflag",
    "identity*",
    "review",
    "risk*",
    "rulebacktest",
    "screen*",
)
# Papers of people and suspicions about them: those a report may concern must not learn of it from the till.
UNDER_SEAL = ("case*", "identitydocument", "identityverification", "screen*")
CONFIDENTIAL = (
    "case*",
    "compliance*",
    "donortaxprofile",
    "fraudflag",
    "identity*",
    "onlusbankaccount",
    "risk*",
    "savedpaymentmethod",
    "screen*",
)

ROLES: dict[str, tuple[str, ...]] = {
    "super_admin": ("*",),
    "admin": (
        "exports.*",
        "approvals.view_*",
        "accounts.*",
        "!accounts.manage_addresses",
        "social.*",
        "games.*",
        "impact.*",
        "pictures.*",
        "donations.view_*",
        "sandbox.view_*",
        "events.view_*",
        "importing.view_*",
        "jobs.view_*",
        "jobs.run_job",
        "metrics.view_*",
        "alerts.view_alertrule",
        "retention.view_*",
        "alerts.handle_system",
        "alerts.handle_security",
        "alerts.handle_financial",
    ),
    "finance": (
        "exports.*",
        "donations.*",
        *(f"!donations.*_{model}" for model in COMPLIANCE),
        *(f"donations.view_{model}" for model in COMPLIANCE),
        *(f"!donations.view_{model}" for model in UNDER_SEAL),
        "approvals.*",
        "sandbox.*",
        "accounts.view_onlus*",
        "!accounts.view_onlusapplication",
        "!accounts.view_onlusdocument",
        "jobs.view_*",
        "importing.view_*",
        "alerts.handle_financial",
    ),
    "compliance": (
        "exports.*",
        "!donations.*",
        "donations.view_*",
        *(f"donations.*_{model}" for model in COMPLIANCE),
        "approvals.view_*",
        "accounts.view_*",
        "accounts.change_onlus",
        "accounts.review_onlusapplication",
        "accounts.*_blockedaddress",
        "access_log.view_*",
        "alerts.handle_compliance",
        "retention.*",
    ),
    "moderator": (
        "impact.*",
        "pictures.*",
        "social.view_*",
        "games.view_*",
        "accounts.view_user",
        "accounts.view_onlus",
    ),
    "analyst": (
        "donations.view_*",
        "social.view_*",
        "games.view_*",
        "impact.view_*",
        # Figures need nobody's papers, tax codes, accounts or cases.
        *(f"!donations.view_{model}" for model in CONFIDENTIAL),
    ),
    "auditor": ("*.view_*", "exports.export_lists"),
}

# Staff manage only those of strictly lower levels; super administrators manage everybody but themselves.
LEVELS: dict[str, int] = {
    "super_admin": 4,
    "admin": 3,
    "finance": 2,
    "compliance": 2,
    "moderator": 2,
    "auditor": 1,
    "analyst": 1,
}
HIGHEST = LEVELS["super_admin"]


def level_of(user: Any) -> int:
    """Return the level of somebody's highest role; of an active member of staff without one, and of players, zero."""
    if user.is_superuser:
        return HIGHEST
    names = user.groups.values_list("name", flat=True)
    return max((LEVELS.get(name, 0) for name in names), default=0)


def may_manage(actor: Any, user: Any) -> bool:
    """Say whether this person may change what that one is and may do: never their own, nor those above them."""
    if actor.pk == user.pk or not actor.is_active or not actor.is_staff:
        return False
    level = level_of(actor)
    return level == HIGHEST or level_of(user) < level


def grant_role_rights(using: str) -> None:
    """Create the role groups with every right their patterns name; runs after each migrate and adds only."""
    group_model = apps.get_model("auth", "Group")
    known = set(_rights(using).values_list("pk", flat=True))
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    rights = list(_rights(using).select_related("content_type"))
    for role in ROLES:
        group, created = group_model.objects.using(using).get_or_create(name=role)
        due = (
            rights
            if created or role == "super_admin"
            else [right for right in rights if right.pk not in known]
        )
        group.permissions.add(*(right for right in due if means(role, name_of(right))))
        group.permissions.remove(*(right for right in rights if is_kept_from(role, name_of(right))))


def _rights(using: str) -> Any:
    return apps.get_model("auth", "Permission").objects.using(using)


def means(role: str, right: str) -> bool:
    """Say whether a role is meant to hold a right ("app.codename")."""
    deciding = _deciding(role, right)
    return deciding is not None and not deciding.startswith("!")


def is_kept_from(role: str, right: str) -> bool:
    """Say whether a role must not hold a right, however it would come by it."""
    deciding = _deciding(role, right)
    return deciding is not None and deciding.startswith("!")


def name_of(right: Any) -> str:
    return f"{right.content_type.app_label}.{right.codename}"


def _deciding(role: str, right: str) -> str | None:
    """Return the last pattern of the role that matches."""
    fitting = (each for each in reversed(ROLES[role]) if fnmatch(right, each.removeprefix("!")))
    return next(fitting, None)
