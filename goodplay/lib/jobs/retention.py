from django.utils.translation import gettext_lazy as _

from goodplay.lib.jobs.models import JobRecord
from goodplay.lib.retention.registry import kept

kept(
    "job_records",
    label=_("Runs of jobs"),
    law=_("Needed to look into what went wrong lately."),
    days=14,
    least_days=3,
    rows=lambda before: JobRecord.objects.filter(started_at__lt=before),
)
