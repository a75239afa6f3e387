"""The logos of organisations."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Onlus
from goodplay.lib.pictures.models import Picture
from goodplay.lib.pictures.queries import pictures_of


def logos_of(onlus_ids: Iterable[UUID]) -> dict[UUID, Picture]:
    """Return the logos of those organisations that have one, by their keys: one query.

    For the organisations' own people and staff; some are not public.
    """
    shown = pictures_of(Onlus(pk=key) for key in onlus_ids)
    return {key: found[0] for key, found in shown.items() if found}


def public_logos_of(onlus_ids: Iterable[UUID]) -> dict[UUID, Picture]:
    """Return the logos anybody may see, by the organisations' keys: one query."""
    return {key: logo for key, logo in logos_of(onlus_ids).items() if logo.published_at is not None}
