from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

WIDTHS = (320, 640, 1280, 1920)
"""Pixels. A picture is kept in those it is large enough for, and in its own width when that is less than the last."""
SHOWN_AT = 1280
"""The width that is shown where a page cannot choose."""


class PictureQuerySet(models.QuerySet["Picture"]):
    def unused(self) -> Self:
        return self.filter(uses=None)

    def only_of(self, target: models.Model) -> Self:
        """Keep those that the target shows and nothing else does."""
        others = PictureUse.objects.filter(picture=models.OuterRef("pk")).exclude(**target_of(target))
        mine = PictureUse.objects.filter(**target_of(target), picture=models.OuterRef("pk"))
        return self.filter(models.Exists(mine), ~models.Exists(others))


class Picture(models.Model):
    """A picture anybody may see once it is published. Until then its owner's people do, and staff."""

    id = fields.key()
    public_name = models.CharField(_("name in its address"), max_length=32, unique=True)
    owner_type = models.CharField(_("belongs to a"), max_length=60, blank=True, default="")
    owner_id = models.CharField(_("belongs to"), max_length=64, blank=True, default="")
    alt_it = models.CharField(_("description in Italian"), max_length=300, blank=True, default="")
    alt_en = models.CharField(_("description in English"), max_length=300, blank=True, default="")
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    widths = models.JSONField(_("kept in these widths"))
    size = models.PositiveBigIntegerField(_("bytes"), help_text=_("Of all sizes together."))
    sha256 = models.CharField("SHA-256", max_length=64, help_text=_("Of the file as it was handed in."))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("created at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(name="picture_is_described", condition=~Q(alt_it="") | ~Q(alt_en="")),
            models.CheckConstraint(
                name="picture_owner_whole",
                condition=Q(owner_type="", owner_id="") | (~Q(owner_type="") & ~Q(owner_id="")),
            ),
        ]
        indexes = [
            # "Which pictures does this organisation have?"
            models.Index(name="picture_owner", fields=["owner_type", "owner_id", "-created_at"]),
            # The sweep of what nothing shows.
            models.Index(name="picture_created", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return self.alt

    @property
    def alt(self) -> str:
        """Return the description in the reader's language, or in the other when there is only that."""
        if (get_language() or "").startswith("it"):
            return self.alt_it or self.alt_en
        return self.alt_en or self.alt_it

    @property
    def url(self) -> str:
        return self.address(max((width for width in self.widths if width <= SHOWN_AT), default=self.width))

    @property
    def thumbnail_url(self) -> str:
        return self.address(self.widths[0])

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.address(width)} {width}w" for width in self.widths)

    def address(self, width: int) -> str:
        return reverse("picture", args=[self.public_name, width])

    def stored_as(self, width: int) -> str:
        return f"pictures/{self.public_name[:2]}/{self.public_name}/{width}.webp"


class PictureUse(models.Model):
    """That something shows a picture, and where among its pictures. What nothing shows is deleted."""

    id = fields.key()
    picture = models.ForeignKey(Picture, models.PROTECT, related_name="uses", verbose_name=_("picture"))
    target_type = models.CharField(_("shown by a"), max_length=60)
    target_id = models.CharField(_("shown by"), max_length=64)
    place = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("use of a picture")
        verbose_name_plural = _("uses of pictures")
        constraints = [
            # Also "which pictures does this show?"
            models.UniqueConstraint(
                name="picture_use_once_each", fields=["target_type", "target_id", "picture"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_type} {self.target_id}"


def target_of(target: models.Model) -> dict[str, str]:
    """Return the columns by which uses name a thing, whichever database it is in."""
    return {"target_type": target._meta.label_lower, "target_id": str(target.pk)}
