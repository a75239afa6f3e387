from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("exports", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("goodplay.lib.exports.tasks.build_waiting_exports", minutes=10),
        schedule("goodplay.lib.exports.tasks.expire_exports", minutes=60),
    ]
