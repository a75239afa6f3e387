from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("impact", "0014_story_unlock_days"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [schedule("impact.tasks.warm_dashboards", minutes=10)]
