from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0022_allocation"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("donations.tasks.prepare_payouts", cron="0 6 2 * *")]
