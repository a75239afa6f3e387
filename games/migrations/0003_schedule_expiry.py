from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("games", "0002_moves_and_events"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [schedule("games.tasks.expire_stale_sessions", minutes=5)]
