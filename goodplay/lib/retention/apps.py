from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "goodplay.lib.retention"
    label = "retention"
    verbose_name = _("Retention")

    def ready(self) -> None:
        autodiscover_modules("retention")
        post_migrate.connect(_learn_policies, sender=self, dispatch_uid="retention.policies")


def _learn_policies(sender: Any, using: str, apps: Any, **kwargs: Any) -> None:
    """Run after each migrate; one that stops before the policies had a table has nothing to learn."""
    from goodplay.lib.retention.policies import learn_policies

    if using == "default" and "retentionpolicy" in apps.all_models["retention"]:
        learn_policies()
