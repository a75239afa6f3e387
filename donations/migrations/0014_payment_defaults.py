from django.db import migrations

from donations.migrations._first_rows import open_providers
from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0013_payment_next_action"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        migrations.RunPython(open_providers, migrations.RunPython.noop),
        schedule("donations.tasks.process_due_webhooks", minutes=1),
        schedule("donations.tasks.repair_stuck_intents", minutes=5),
        schedule("donations.tasks.expire_intents", minutes=5),
        schedule("donations.tasks.check_payment_providers", minutes=10),
        schedule("donations.tasks.clear_old_webhooks", cron="50 3 * * *"),
    ]
