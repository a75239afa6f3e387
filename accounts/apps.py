from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and organisations")

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401  (registers the receivers)
        from accounts.step_up import watch_staff_routes

        watch_staff_routes()
        autodiscover_modules("portal_pages", "notices")
        post_migrate.connect(_grant_role_rights, sender=self, dispatch_uid="accounts.roles")


def _grant_role_rights(sender: Any, using: str, **kwargs: Any) -> None:
    from accounts.roles import grant_role_rights

    if using == "default":
        grant_role_rights(using)
