from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0039_reconciliation_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.expire_compliance_checks", cron="20 4 * * *"),
        schedule("donations.tasks.renew_compliance_checks", cron="40 4 * * *"),
    ]
