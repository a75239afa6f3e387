from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ImportedDocument(models.Model):
    """Which row an old document became. Who finds its document here leaves it alone."""

    id = fields.key()
    collection = models.CharField(_("collection"), max_length=40)
    old_id = models.CharField(_("old key"), max_length=64)
    new_key = models.CharField(_("new key"), max_length=64)
    digest = models.CharField(
        _("digest"), max_length=64, help_text=_("Of the document as it was brought over.")
    )
    natural_key = models.CharField(_("what there is one of"), max_length=64, null=True)  # noqa: DJ001  (unique where there is one)
    imported_at = models.DateTimeField(_("brought over at"))

    class Meta:
        verbose_name = _("imported document")
        verbose_name_plural = _("imported documents")
        constraints = [
            # Also the index links between documents are followed by.
            models.UniqueConstraint(name="imported_once", fields=["collection", "old_id"]),
            models.UniqueConstraint(
                name="imported_one_of_its_kind",
                fields=["collection", "natural_key"],
                condition=Q(natural_key__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collection} {self.old_id}"
