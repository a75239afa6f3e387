from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_notifications"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("accounts.tasks.carry_announcements", minutes=1),
        schedule("accounts.tasks.mail_notifications", minutes=15),
    ]
