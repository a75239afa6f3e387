from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0046_identity_defaults"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.screen_waiting", minutes=1),
        schedule("donations.tasks.screen_everybody", minutes=5),
        schedule("donations.tasks.find_unscreened", cron="35 2 * * *"),
        schedule("donations.tasks.expire_identities", cron="15 5 * * *"),
    ]
