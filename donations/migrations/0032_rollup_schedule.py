from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0031_rollups"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.roll_up", minutes=10),
        schedule("donations.tasks.verify_rollups", cron="40 3 * * *"),
    ]
