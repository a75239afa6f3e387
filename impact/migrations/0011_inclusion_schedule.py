from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):

    dependencies = [
        ("impact", "0010_inclusion_roots"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    # After the ledger has sealed the day, at 00:20.
    operations = [schedule("impact.tasks.publish_inclusion_roots", cron="45 0 * * *")]
