from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class BackOfficeConfig(AdminConfig):
    default_site = "goodplay.lib.admin.site.BackOffice"

    def ready(self) -> None:
        super().ready()
        autodiscover_modules("dashboards")
