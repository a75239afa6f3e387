from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class PrivateFileQuerySet(models.QuerySet["PrivateFile"]):
    def kept(self) -> Self:
        return self.filter(erased_at=None)


class PrivateFile(models.Model):
    """What is known of a file that nobody reads without a reason: its content lies encrypted on disk.

    The row outlives the content, as the proof that there was one and when it was erased.
    """

    id = fields.key()
    name = models.CharField(_("name"), max_length=200, help_text=_("As it was handed in."))
    stored_name = models.CharField(_("stored as"), max_length=64, unique=True)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    owner_type = models.CharField(_("belongs to a"), max_length=60, blank=True, default="")
    owner_id = models.CharField(_("belongs to"), max_length=64, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = PrivateFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("private file")
        verbose_name_plural = _("private files")
        constraints = [
            models.CheckConstraint(
                name="private_file_owner_whole",
                condition=Q(owner_type="", owner_id="") | (~Q(owner_type="") & ~Q(owner_id="")),
            )
        ]
        indexes = [
            # "Which files does this thing have?"
            models.Index(name="private_file_owner", fields=["owner_type", "owner_id"])
        ]

    def __str__(self) -> str:
        return self.name
