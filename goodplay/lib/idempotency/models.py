from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class IdempotencyKey(models.Model):
    """One answered request. Written in the transaction of its effect, so key and effect exist together or not at all."""

    id = fields.key()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"))
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(_("key"), max_length=255)
    request_hash = models.CharField(_("request hash"), max_length=64)
    status_code = models.PositiveSmallIntegerField(_("status code"))
    answer = models.TextField(_("answer"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(name="idempotency_key_once", fields=["user", "route", "key"])]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
