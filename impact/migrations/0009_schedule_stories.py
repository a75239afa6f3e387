from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("impact", "0008_story_words"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [schedule("impact.tasks.open_due_stories", minutes=5)]
