from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """The last run of one scheduled job, and the last good one."""

    name = models.CharField(_("job"), primary_key=True, max_length=200)
    expected_every = models.DurationField(_("expected every"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"))
    succeeded_at = models.DateTimeField(_("succeeded at"), null=True, blank=True)
    took = models.DurationField(_("took"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=200, blank=True, default="")
    last_error = models.TextField(_("last error"), blank=True, default="")

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")

    def __str__(self) -> str:
        return self.name

    def is_overdue(self, now: datetime) -> bool:
        """Say whether the last good run is older than twice the expected interval, with a minute of grace."""
        if self.expected_every is None:
            return False
        last_good = self.succeeded_at or self.started_at
        return now - last_good > self.expected_every * 2 + timedelta(minutes=1)
