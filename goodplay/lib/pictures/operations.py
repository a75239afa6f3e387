"""Keeping public pictures: taken in, shown by things, published with them, gone when nothing shows them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodplay.lib.audit import trail
from goodplay.lib.db import in_parts
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.pictures import checks
from goodplay.lib.pictures.models import Picture, PictureUse, target_of
from goodplay.lib.pictures.renditions import renditions

UNUSED_FOR = timedelta(days=1)
"""How long a picture waits for something that shows it."""
MOST_SHOWN = 20
_LONGEST_DESCRIPTION = 300


class DescriptionMissing(DomainError):
    code = "PICTURE_ALT_REQUIRED"
    message = _("Say in a few words what the picture shows, for people who cannot see it.")


class DescriptionTooLong(DomainError):
    code = "PICTURE_ALT_TOO_LONG"
    message = _("Describe the picture in at most 300 characters.")


class PictureNotFound(NotFound):
    code = "PICTURE_NOT_FOUND"
    message = _("There is no such picture.")


class TooManyPictures(DomainError):
    code = "PICTURES_TOO_MANY"
    message = _("At most 20 pictures can be shown together.")


def store(
    *,
    upload: Any,
    owner: models.Model | None,
    uploaded_by: Any,
    now: datetime,
    alt_it: str = "",
    alt_en: str = "",
) -> Picture:
    """Take a picture in, without anything it carried beside its pixels. Raises what `checks.REFUSALS` lists.

    `owner` is whom it belongs to (an organisation; None: the platform), not what shows it: that is `attach`.
    """
    alt_it, alt_en = _described(alt_it, alt_en)
    content = checks.read_upload(upload)
    pixels = checks.decode(content)
    sizes = renditions(pixels)
    picture = Picture(
        public_name=token_hex(16),
        owner_type=owner._meta.label_lower if owner is not None else "",
        owner_id=str(owner.pk) if owner is not None else "",
        alt_it=alt_it,
        alt_en=alt_en,
        width=pixels.width,
        height=pixels.height,
        widths=list(sizes),
        size=sum(map(len, sizes.values())),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=uploaded_by,
        created_at=now,
    )
    try:
        for width, encoded in sizes.items():
            default_storage.save(picture.stored_as(width), ContentFile(encoded))
        picture.save(force_insert=True)
    except BaseException:
        _remove(picture)
        raise
    return picture


def describe(*, picture: Picture, alt_it: str, alt_en: str) -> None:
    picture.alt_it, picture.alt_en = _described(alt_it, alt_en)
    picture.save(update_fields=["alt_it", "alt_en"])


@transaction.atomic
def attach(
    *, target: models.Model, picture_ids: Sequence[UUID], owner: models.Model | None, now: datetime
) -> None:
    """Let the target show exactly these pictures, in this order. Each must belong to the owner.

    What it showed before and nothing else shows goes with the next sweep.
    """
    keys = list(dict.fromkeys(picture_ids))
    if len(keys) > MOST_SHOWN:
        raise TooManyPictures
    known = Picture.objects.select_for_update().filter(
        pk__in=keys,
        owner_type=owner._meta.label_lower if owner is not None else "",
        owner_id=str(owner.pk) if owner is not None else "",
    )
    if len(known) != len(keys):
        raise PictureNotFound
    PictureUse.objects.filter(**target_of(target)).delete()
    PictureUse.objects.bulk_create(
        PictureUse(picture_id=key, place=place, **target_of(target)) for place, key in enumerate(keys)
    )


def publish(*, target: models.Model, now: datetime) -> None:
    """Let everybody see what the target shows."""
    shown = Picture.objects.filter(pk__in=_shown_by(target), published_at=None)
    shown.update(published_at=now)


def withdraw(*, target: models.Model) -> None:
    """Hide again what only the target shows: its owner's people still see it."""
    Picture.objects.only_of(target).exclude(published_at=None).update(published_at=None)


def detach(*, target: models.Model) -> None:
    """Say that the target shows nothing any more, as when it is deleted."""
    PictureUse.objects.filter(**target_of(target)).delete()


@transaction.atomic
def take_down(*, picture: Picture, actor: Any, reason: str, now: datetime, address: str = "") -> None:
    """Delete a picture for good wherever it is shown, and say why on the trail."""
    facts = {"sha256": picture.sha256, "owner": f"{picture.owner_type} {picture.owner_id}".strip()}
    shown_by = [f"{use.target_type} {use.target_id}" for use in picture.uses.all()]
    trail.record(
        actor=actor,
        action="picture_take_down",
        target=picture,
        before={**facts, "shown_by": shown_by, "alt": picture.alt_en or picture.alt_it},
        reason=reason,
        address=address,
        now=now,
    )
    picture.uses.all().delete()
    _delete(picture)


def delete_unused(*, now: datetime) -> int:
    """Delete what nothing has shown since a day; return how many. Uses by things that are gone do not count."""
    _forget_lost_targets()
    old = Picture.objects.unused().filter(created_at__lt=now - UNUSED_FOR)
    return sum(_delete_if_unused(key) for key in list(old.values_list("pk", flat=True)))


@transaction.atomic
def _delete_if_unused(key: UUID) -> bool:
    """Look again under the lock `attach` takes."""
    picture = Picture.objects.select_for_update().filter(pk=key).first()
    if picture is None or picture.uses.exists():
        return False
    _delete(picture)
    return True


def _delete(picture: Picture) -> None:
    names = [picture.stored_as(width) for width in picture.widths]
    picture.delete()
    transaction.on_commit(lambda: _remove_files(names))


def _forget_lost_targets() -> None:
    for kind in list(PictureUse.objects.order_by().values_list("target_type", flat=True).distinct()):
        uses = PictureUse.objects.filter(target_type=kind)
        try:
            model = apps.get_model(kind)
        except LookupError:
            continue
        for keys in in_parts(uses.order_by().values_list("target_id", flat=True).distinct()):
            there = {
                str(key) for key in model._default_manager.filter(pk__in=keys).values_list("pk", flat=True)
            }
            uses.filter(target_id__in=set(keys) - there).delete()


def _described(alt_it: str, alt_en: str) -> tuple[str, str]:
    alt_it, alt_en = " ".join(alt_it.split()), " ".join(alt_en.split())
    if not alt_it and not alt_en:
        raise DescriptionMissing
    if max(len(alt_it), len(alt_en)) > _LONGEST_DESCRIPTION:
        raise DescriptionTooLong
    return alt_it, alt_en


def _shown_by(target: models.Model) -> list[UUID]:
    return list(PictureUse.objects.filter(**target_of(target)).values_list("picture_id", flat=True))


def _remove(picture: Picture) -> None:
    _remove_files([picture.stored_as(width) for width in picture.widths])


def _remove_files(names: Sequence[str]) -> None:
    for name in names:
        default_storage.delete(name)
