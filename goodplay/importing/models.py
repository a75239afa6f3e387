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
    without = models.JSONField(_("brought over without"), default=list, blank=True)
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
        indexes = [
            # What the back office looks for: an old key, whatever it is of, and what became of a row here.
            models.Index(name="imported_old_key", fields=["old_id"]),
            models.Index(name="imported_new_key", fields=["new_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.collection} {self.old_id}"


class ImportRun(models.Model):
    """One run of the import, and what came of each document. One without an end was cut off; the next finishes it."""

    id = fields.key()
    source = models.CharField(_("old database"), max_length=200)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    is_dry = models.BooleanField(_("dry run"))
    trusts_wallets = models.BooleanField(_("trusted wallets"))
    outcomes = models.JSONField(_("outcomes"), default=dict, blank=True)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    contradictions = models.JSONField(_("contradictions"), default=list, blank=True)

    class Meta:
        verbose_name = _("run of the import")
        verbose_name_plural = _("runs of the import")
        indexes = [
            # The list, the latest first.
            models.Index(name="import_run_started", fields=["-started_at", "-id"])
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_proven(self) -> bool | None:
        """Say whether the books balanced at its end; not known of one that was cut off."""
        return None if self.ended_at is None else not self.contradictions

    def count(self, outcome: str) -> int:
        return sum(counts.get(outcome, 0) for counts in self.outcomes.values())
