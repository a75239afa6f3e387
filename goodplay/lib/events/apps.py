from django.apps import AppConfig
from django.conf import settings


class EventsConfig(AppConfig):
    name = "goodplay.lib.events"
    label = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        if settings.EVENT_STREAM_URL:
            from goodplay.lib.events import mirror

            mirror.register()
