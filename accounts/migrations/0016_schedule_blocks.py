from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_blocked_networks_and_bulk_actions"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("accounts.tasks.publish_blocks", minutes=5)]
