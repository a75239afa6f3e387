from celery import current_app
from django_celery_beat.models import PeriodicTask

from donations.tasks.ledger import close_day


def test_every_job_on_the_schedule_exists_under_its_name(db):
    current_app.loader.import_default_modules()

    assert set(PeriodicTask.objects.values_list("task", flat=True)) <= set(current_app.tasks)


def test_a_job_is_named_after_its_app_whichever_topic_holds_it():
    assert close_day.name == "donations.tasks.close_day"
