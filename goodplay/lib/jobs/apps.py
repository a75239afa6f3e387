from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "goodplay.lib.jobs"
    label = "jobs"
    verbose_name = "Jobs"
