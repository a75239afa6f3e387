from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0054_batches_of_reconciliations"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("donations.tasks.sum_directory", cron="45 * * * *")]
