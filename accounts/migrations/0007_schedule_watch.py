from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("accounts.tasks.watch_staff", minutes=60)]
