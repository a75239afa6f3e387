from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("donations", "0063_ratings_by_donors"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [schedule("donations.tasks.look_at_waiting_requests", minutes=15)]
