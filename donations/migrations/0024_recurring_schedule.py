from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0023_payout_schedule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        schedule("donations.tasks.carry_out_recurring", minutes=60),
        schedule("donations.tasks.give_recurring_notices", cron="0 9 * * *"),
    ]
