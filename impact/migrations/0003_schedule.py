from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("impact", "0002_stories"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [schedule("impact.tasks.record_due_community_milestones", minutes=5)]
