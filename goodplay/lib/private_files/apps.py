from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivateFilesConfig(AppConfig):
    name = "goodplay.lib.private_files"
    label = "private_files"
    verbose_name = _("Private files")
