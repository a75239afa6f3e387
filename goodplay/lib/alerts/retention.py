from django.utils.translation import gettext_lazy as _

from goodplay.lib.alerts.models import Alert
from goodplay.lib.retention.registry import kept

kept(
    "alerts",
    label=_("Alerts that are resolved"),
    law=_("To show how incidents were handled (GDPR, art. 33.5)."),
    days=730,
    least_days=365,
    rows=lambda before: Alert.objects.filter(status=Alert.Status.RESOLVED, resolved_at__lt=before),
)
