from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class BulkAction(models.Model):
    """One thing done to many people at once, and what became of it for each of them."""

    class Kind(models.TextChoices):
        SUSPEND = "suspend", _("Suspend")
        ACTIVATE = "activate", _("Let in again")
        SIGN_OUT = "sign_out", _("Sign out on every device")
        VERIFY = "verify", _("Confirm the e-mail address")

    id = fields.key()
    kind = models.CharField(_("what"), max_length=10, choices=Kind.choices)
    people = models.JSONField(_("people"), help_text="Their ids, in order.")
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), related_name="+"
    )
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    asked_at = models.DateTimeField(_("asked at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    results = models.JSONField(_("results"), default=list, help_text='[{"user_id", "status", "message"}]')

    class Meta:
        verbose_name = _("action on many people")
        verbose_name_plural = _("actions on many people")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                name="bulk_action_results_when_finished",
                condition=Q(finished_at__isnull=False) | Q(finished_at=None, results=[]),
            )
        ]
        indexes = [
            # The latest first; what retention forgets.
            models.Index(name="bulk_action_asked", fields=["-asked_at"])
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_at:%Y-%m-%d %H:%M}"
