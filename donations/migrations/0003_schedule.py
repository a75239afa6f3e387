from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0002_defaults"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.close_day", cron="20 0 * * *"),
        schedule("donations.tasks.verify_books", cron="40 0 * * *"),
    ]
