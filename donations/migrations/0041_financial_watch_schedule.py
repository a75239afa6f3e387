from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0040_compliance_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("donations.tasks.watch_finances", minutes=30)]
