from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0038_reconciliation_indexes"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("donations.tasks.reconcile", cron="30 5 * * *")]
