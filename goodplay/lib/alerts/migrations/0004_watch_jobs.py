from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0003_default_rules"),
        ("jobs", "0002_jobs_have_a_history"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("goodplay.lib.alerts.tasks.watch_jobs", minutes=1)]
