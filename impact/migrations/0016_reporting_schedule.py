from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("impact", "0015_dashboard_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [schedule("impact.tasks.watch_reporting", minutes=60)]
