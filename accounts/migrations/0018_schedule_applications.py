from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_applications"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("accounts.tasks.close_due_applications", cron="10 0 * * *"),
        schedule("accounts.tasks.watch_applications", cron="20 0 * * *"),
    ]
