from collections.abc import Iterable
from typing import Any

from django.db import models

from goodplay.lib.pictures.models import Picture, PictureUse, target_of
from goodplay.lib.pictures.registry import VIEWERS


def pictures_of(targets: Iterable[models.Model]) -> dict[Any, list[Picture]]:
    """Return what each of the things shows, in order, by their keys: one query for all of one model."""
    things = list(targets)
    shown: dict[Any, list[Picture]] = {thing.pk: [] for thing in things}
    if things:
        by_text = {str(thing.pk): thing.pk for thing in things}
        kind = target_of(things[0])["target_type"]
        uses = PictureUse.objects.filter(target_type=kind, target_id__in=list(by_text))
        for use in uses.select_related("picture").order_by("place", "pk"):
            shown[by_text[use.target_id]].append(use.picture)
    return shown


def may_see(user: Any, picture: Picture) -> bool:
    """Say whether somebody may see a picture that is not published."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_staff and user.has_perm("pictures.view_picture"):
        return True
    declared = VIEWERS.get(picture.owner_type)
    return declared is not None and declared(user, picture.owner_id)
