from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "goodplay.lib.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        if settings.EVENT_STREAM_URL:
            from goodplay.lib.events import mirror

            mirror.register()
