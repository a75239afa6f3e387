"""The registry of organisations: the steps that decide who can be given to."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusMembership, User
from accounts.signals import onlus_verified
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict


class OnlusNotVerifiable(Conflict):
    code = "ORGANIZATION_NOT_VERIFIABLE"
    message = _("Only an organisation under review can be verified, and only with a verified bank account.")


@transaction.atomic
def verify_onlus(*, onlus: Onlus, now: datetime) -> Onlus:
    """Open an organisation to donations: verified, active, in the public directory."""
    waiting = Onlus.objects.filter(
        pk=onlus.pk, status=Onlus.Status.UNDER_REVIEW, bank_account_verified_at__isnull=False
    )
    if not claim(waiting, status=Onlus.Status.ACTIVE, verified_at=now):
        raise OnlusNotVerifiable
    onlus.refresh_from_db()
    onlus_verified.announce(onlus=onlus)
    return onlus


def note_bank_account(*, onlus: Onlus, now: datetime) -> None:
    """Note that the organisation has a bank account a second person verified; the first time counts."""
    Onlus.objects.filter(pk=onlus.pk, bank_account_verified_at=None).update(bank_account_verified_at=now)


def add_member(*, onlus: Onlus, user: User, role: OnlusMembership.Role, now: datetime) -> OnlusMembership:
    membership, _created = OnlusMembership.objects.update_or_create(
        onlus=onlus, user=user, defaults={"role": role}, create_defaults={"role": role, "created_at": now}
    )
    return membership
