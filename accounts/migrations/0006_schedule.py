from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_staff_roles"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [schedule("accounts.tasks.end_lent_rights", minutes=10)]
