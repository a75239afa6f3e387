from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "goodplay.demo"
    label = "demo"
