from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

MOST_GRACE = timedelta(hours=2)


class JobRun(models.Model):
    """One scheduled job: its last run, and the last good one."""

    name = models.CharField(_("job"), primary_key=True, max_length=200)
    expected_every = models.DurationField(_("expected every"), null=True, blank=True)
    known_since = models.DateTimeField(_("on the schedule since"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("succeeded at"), null=True, blank=True)
    took = models.DurationField(_("took"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=200, blank=True, default="")
    last_error = models.TextField(_("last error"), blank=True, default="")
    failures_in_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    is_scheduled = models.BooleanField(_("on the schedule"), default=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        permissions = [("run_job", "Can run a job now")]

    def __str__(self) -> str:
        return self.name

    @property
    def overdue_from(self) -> datetime | None:
        """Return from when on its last good run is too long ago: an interval, as much grace (two hours at most), a minute."""
        since = max(filter(None, (self.succeeded_at, self.known_since)), default=self.started_at)
        if not self.is_scheduled or self.expected_every is None or since is None:
            return None
        return since + self.expected_every + min(self.expected_every, MOST_GRACE) + timedelta(minutes=1)

    def is_overdue(self, now: datetime) -> bool:
        return self.overdue_from is not None and now > self.overdue_from


class JobRecord(models.Model):
    """One run of a job that came to its end, well or not."""

    id = fields.key()
    job = models.ForeignKey(JobRun, models.CASCADE, related_name="records", verbose_name=_("job"))
    started_at = models.DateTimeField(_("started at"))
    took = models.DurationField(_("took"))
    succeeded = models.BooleanField(_("succeeded"))
    outcome = models.TextField(_("outcome"), blank=True, default="")

    class Meta:
        verbose_name = _("run of a job")
        verbose_name_plural = _("runs of jobs")
        indexes = [
            # A job's last runs on its page.
            models.Index(name="job_record_job", fields=["job", "-started_at"]),
            # What failed lately, over all jobs; and retention.
            models.Index(name="job_record_started", fields=["-started_at", "-id"]),
            models.Index(
                name="job_record_failed", fields=["-started_at"], condition=models.Q(succeeded=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.started_at:%Y-%m-%d %H:%M}"
