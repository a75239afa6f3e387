from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("goodplay.lib.metrics.tasks.collect_metrics", minutes=1),
        schedule("goodplay.lib.metrics.tasks.roll_up_metrics", cron="5 * * * *"),
    ]
