from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0024_recurring_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.allocate_due", cron="0 5 * * *"),
        schedule("donations.tasks.allocate_emergencies", minutes=10),
    ]
