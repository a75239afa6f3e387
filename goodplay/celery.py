"""Celery: tasks are found in every app's `tasks` module; beat reads its schedule from the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodplay.settings")

app = Celery("goodplay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
