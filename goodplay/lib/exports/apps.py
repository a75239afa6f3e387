from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "goodplay.lib.exports"
    label = "exports"
    verbose_name = _("Exports")

    def ready(self) -> None:
        from goodplay.lib.exports import receivers  # noqa: F401  (registers the receivers)

        autodiscover_modules("exportables")
