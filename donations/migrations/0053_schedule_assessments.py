from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0052_compliance_assessments"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.assess_organisations", cron="0 3 * * 0"),
        schedule("donations.tasks.watch_organisations", cron="0 0 * * *"),
    ]
