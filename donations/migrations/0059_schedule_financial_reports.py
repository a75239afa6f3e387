from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0058_financial_reports"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.make_financial_reports", cron="0 6 * * *"),
        schedule("donations.tasks.erase_report_files", cron="0 2 * * *"),
    ]
