from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class LibraryConfig(AppConfig):
    name = "goodplay.lib"
    label = "lib"

    def ready(self) -> None:
        from goodplay.lib import checks  # noqa: F401  (registers the system checks)

        post_migrate.connect(_install_triggers, dispatch_uid="lib.append_only")


def _install_triggers(sender: Any, using: str, **kwargs: Any) -> None:
    from goodplay.lib.db import install_append_only_triggers

    if sender.label == "lib":
        return
    install_append_only_triggers(connections[using])
