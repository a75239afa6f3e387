from django.utils.translation import gettext_lazy as _

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.retention.registry import kept

kept(
    "access_log",
    label=_("Who looked at sensitive data"),
    law=_("To answer who saw what (GDPR, art. 5.2 and 32); not longer than that is asked."),
    days=730,
    least_days=365,
    rows=lambda before: DataAccess.objects.filter(recorded_at__lt=before),
)
