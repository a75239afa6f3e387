from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class DayRoot(models.Model):
    """The root of the Merkle tree over one Rome day's transfers: published, it can never be made to say otherwise.

    `secret` salts the leaves, so that nobody can guess what stands beside theirs. `parts` are the roots over each 1024
    leaves in a row: with them a proof reads 1024 rows, however many the day has.
    """

    append_only: ClassVar[bool] = True

    day = models.DateField(_("day"), primary_key=True)
    leaf_count = models.PositiveIntegerField(_("transfers"))
    root = models.CharField(_("root"), max_length=64)
    seal = models.CharField(_("seal of the ledger"), max_length=64)
    secret = models.CharField(_("salt"), max_length=64, editable=False)
    parts = models.JSONField(_("parts"), editable=False)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("inclusion root")
        verbose_name_plural = _("inclusion roots")

    def __str__(self) -> str:
        return str(self.day)
