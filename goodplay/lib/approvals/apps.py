from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "goodplay.lib.approvals"
    label = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        autodiscover_modules("approvals")
