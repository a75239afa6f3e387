from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    default_site = "goodplay.lib.admin.site.BackOffice"
