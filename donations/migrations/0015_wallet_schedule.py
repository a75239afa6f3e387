from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0014_payment_defaults"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        schedule("donations.tasks.pay_waiting_credits", minutes=10),
        schedule("donations.tasks.give_automatically", minutes=60),
    ]
