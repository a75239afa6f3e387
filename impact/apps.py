from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImpactConfig(AppConfig):
    name = "impact"
    verbose_name = _("Impact")

    def ready(self) -> None:
        from donations.assessment_sources import register_reported_figures
        from goodplay.lib.documents import checks  # noqa: F401  (registers the system checks)
        from impact import receivers  # noqa: F401  (registers the receivers)
        from impact.queries.reported import reported_figures

        register_reported_figures(reported_figures)
