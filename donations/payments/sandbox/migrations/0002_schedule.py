from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("sandbox", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.payments.sandbox.tasks.deliver_sandbox_events", minutes=1),
        schedule("donations.payments.sandbox.tasks.settle_slow_sandbox_payments", minutes=1),
    ]
