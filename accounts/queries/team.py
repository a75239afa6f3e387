"""Who works on the pages of an organisation, and who is invited to."""

from datetime import datetime
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from accounts.models import OnlusInvitation, OnlusMembership, SecondFactor, User

Role = OnlusMembership.Role


def seats_in(onlus_id: UUID) -> QuerySet[OnlusMembership]:
    """List the seats of an organisation: owners first, then by name. Each knows whether its person set up a second step."""
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(Role)]
    rank = Case(*ranks, output_field=IntegerField())
    rows = OnlusMembership.objects.filter(onlus=onlus_id).select_related("user", "onlus")
    factors = SecondFactor.objects.filter(user=OuterRef("user"), confirmed_at__isnull=False)
    rows = rows.alias(rank=rank).annotate(has_second_step=Exists(factors))
    return rows.order_by("rank", "user__display_name", "pk")


def invitations_of(onlus_id: UUID) -> QuerySet[OnlusInvitation]:
    """List the invitations that wait, the expired ones too: they can be sent again."""
    waiting = OnlusInvitation.objects.filter(onlus=onlus_id, accepted_at=None, withdrawn_at=None)
    return waiting.select_related("invited_by", "onlus").order_by("-created_at", "pk")


def is_invited(user: User, now: datetime) -> bool:
    return OnlusInvitation.objects.open(now).filter(email=user.email).exists()
