from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("impact", "0005_reports_are_made"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        # Past each full hour: what ended at midnight has settled by then.
        schedule("impact.tasks.make_due_reports", cron="20 * * * *"),
        schedule("impact.tasks.archive_old_reports", cron="40 3 * * *"),
    ]
