from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("impact", "0012_evidence_and_engagement"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("impact.tasks.publish_due_updates", minutes=5),
        schedule("impact.tasks.refresh_trending_updates", minutes=5),
        schedule("impact.tasks.remind_of_stale_metrics", cron="15 9 * * *"),
        schedule("impact.tasks.reconcile_metric_totals", cron="55 4 * * *"),
    ]
