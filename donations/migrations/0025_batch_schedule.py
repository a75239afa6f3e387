from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0024_recurring_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.resume_batches", minutes=1),
        schedule("donations.tasks.clear_unused_uploads", cron="50 3 * * *"),
    ]
