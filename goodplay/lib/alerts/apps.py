from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    name = "goodplay.lib.alerts"
    label = "alerts"
    verbose_name = _("Alerts")

    def ready(self) -> None:
        from goodplay.lib.alerts import receivers  # noqa: F401  (registers the reactions)
