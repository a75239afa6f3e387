from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class GamesConfig(AppConfig):
    name = "games"
    verbose_name = _("Games")

    def ready(self) -> None:
        from games import checks, receivers  # noqa: F401  (registers the checks and the receivers)

        post_migrate.connect(_fill_catalogue, sender=self, dispatch_uid="games.fill_catalogue")


def _fill_catalogue(sender: Any, using: str, apps: Any = None, **kwargs: Any) -> None:
    """Give every engine its game once the tables are there."""
    from games import operations

    is_migrated_away = apps is not None and "game" not in apps.all_models["games"]
    if using == DEFAULT_DB_ALIAS and not is_migrated_away:
        operations.sync_games(now=timezone.now())
