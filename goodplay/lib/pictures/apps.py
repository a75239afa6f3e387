from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PicturesConfig(AppConfig):
    name = "goodplay.lib.pictures"
    label = "pictures"
    verbose_name = _("Pictures")

    def ready(self) -> None:
        autodiscover_modules("pictures")
