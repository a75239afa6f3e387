"""Whose portal pages a person may open."""

from django.db.models import QuerySet

from accounts.models import OnlusMembership, User


def seats_of(user: User) -> QuerySet[OnlusMembership]:
    """List a person's seats with their organisations, by name."""
    return user.onlus_memberships.select_related("onlus", "onlus__category").order_by("onlus__name", "pk")


def has_seat(user: User) -> bool:
    return user.onlus_memberships.exists()
