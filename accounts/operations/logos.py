"""The logo of an organisation: one picture, which everybody sees exactly as long as the organisation is public."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusMembership, User
from accounts.queries.logos import logos_of
from accounts.signals import onlus_profile_changed
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict
from goodplay.lib.pictures import operations as pictures
from goodplay.lib.pictures.models import Picture

Role = OnlusMembership.Role
WRITERS = (Role.OWNER, Role.EDITOR)


class WritersOnly(AccessDenied):
    code = "ORGANIZATION_EDITOR_REQUIRED"
    message = _("Only an owner or an editor of the organisation may do this.")


class NoLogo(Conflict):
    code = "ORGANIZATION_LOGO_MISSING"
    message = _("There is no logo.")


@transaction.atomic
def put_up(*, onlus: Onlus, upload: Any, member: User, now: datetime, address: str = "") -> Picture:
    """Show this logo instead of the one before. Raises WritersOnly, and what `checks.REFUSALS` lists.

    It is described by the organisation's name: nothing else is to be said of a logo.
    """
    _check_writer(onlus, member)
    new = pictures.store(upload=upload, owner=onlus, uploaded_by=member, now=now, **_described(onlus))
    row = _held(onlus)
    before = logos_of([row.pk]).get(row.pk)
    _show(row, [new], now)
    _note(row, member, before, new, now, address)
    return new


@transaction.atomic
def remove(*, onlus: Onlus, member: User, now: datetime, address: str = "") -> None:
    """Show initials again. Raises WritersOnly and NoLogo."""
    _check_writer(onlus, member)
    row = _held(onlus)
    before = _shown(row)
    _show(row, [], now)
    _note(row, member, before, None, now, address)


@transaction.atomic
def take_down(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> None:
    """Delete the logo for good: staff say why. Raises NoLogo."""
    row = _held(onlus)
    pictures.take_down(picture=_shown(row), actor=actor, reason=reason, now=now, address=address)
    onlus_profile_changed.announce(onlus=row)


def follow(*, onlus: Onlus, now: datetime) -> None:
    """Show the logo to everybody, or hide it again, as the organisation stands now."""
    if onlus.is_public:
        pictures.publish(target=onlus, now=now)
    else:
        pictures.withdraw(target=onlus)


def describe(*, onlus: Onlus) -> None:
    """Describe the logo by the name the organisation has now."""
    logo = logos_of([onlus.pk]).get(onlus.pk)
    if logo is not None:
        pictures.describe(picture=logo, **_described(onlus))


def _described(onlus: Onlus) -> dict[str, str]:
    return {"alt_it": f"Logo di {onlus.name}", "alt_en": f"Logo of {onlus.name}"}


def _show(row: Onlus, logos: list[Picture], now: datetime) -> None:
    """Hide the logo before at once: what nothing shows is deleted, but only some time later."""
    pictures.withdraw(target=row)
    pictures.attach(target=row, picture_ids=[logo.pk for logo in logos], owner=row, now=now)
    follow(onlus=row, now=now)


def _shown(row: Onlus) -> Picture:
    logo = logos_of([row.pk]).get(row.pk)
    if logo is None:
        raise NoLogo
    return logo


def _note(
    row: Onlus, member: User, before: Picture | None, after: Picture | None, now: datetime, address: str
) -> None:
    trail.record(
        actor=member,
        action="onlus_logo",
        target=row,
        before={"logo": before and before.sha256},
        after={"logo": after and after.sha256},
        address=address,
        now=now,
    )
    onlus_profile_changed.announce(onlus=row)


def _check_writer(onlus: Onlus, member: User) -> None:
    if not onlus.memberships.filter(user=member, role__in=WRITERS).exists():
        raise WritersOnly


def _held(onlus: Onlus) -> Onlus:
    return Onlus.objects.select_for_update(of=("self",), no_key=True).get(pk=onlus.pk)
