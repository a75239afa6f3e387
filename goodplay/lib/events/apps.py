from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "goodplay.lib.events"
    label = "events"
    verbose_name = "Events"
