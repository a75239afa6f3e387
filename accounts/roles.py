"""Staff roles: groups with the rights they are meant to have.

`*` matches within "app.codename". A role gets its rights when it is created and for models that are new since then;
what staff took away from a group by hand stays away. super_admin always has every right.
"""

from fnmatch import fnmatch
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions

ROLES: dict[str, tuple[str, ...]] = {
    "super_admin": ("*",),
    "admin": (
        "accounts.*",
        "social.*",
        "games.*",
        "impact.*",
        "donations.view_*",
        "sandbox.view_*",
        "events.view_*",
        "jobs.view_*",
    ),
    "finance": (
        "donations.*",
        "approvals.*",
        "sandbox.*",
        "accounts.view_onlus*",
        "jobs.view_*",
        "audit.view_*",
    ),
    "compliance": (
        "donations.view_*",
        "donations.*_review",
        "donations.*_reviewthreshold",
        "approvals.view_*",
        "accounts.view_*",
        "accounts.change_onlus",
        "audit.view_*",
    ),
    "moderator": ("impact.*", "social.view_*", "games.view_*", "accounts.view_user", "accounts.view_onlus"),
    "analyst": ("donations.view_*", "social.view_*", "games.view_*", "impact.view_*"),
}


def grant_role_rights(using: str) -> None:
    """Create the role groups with every right their patterns name; runs after each migrate and adds only."""
    group_model = apps.get_model("auth", "Group")
    known = set(_rights(using).values_list("pk", flat=True))
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    rights = list(_rights(using).select_related("content_type"))
    for role, patterns in ROLES.items():
        group, created = group_model.objects.using(using).get_or_create(name=role)
        due = (
            rights
            if created or role == "super_admin"
            else [right for right in rights if right.pk not in known]
        )
        group.permissions.add(*(right for right in due if _matches(right, patterns)))


def _rights(using: str) -> Any:
    return apps.get_model("auth", "Permission").objects.using(using)


def _matches(right: Any, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(f"{right.content_type.app_label}.{right.codename}", pattern) for pattern in patterns)
