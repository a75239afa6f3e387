from decimal import Decimal

from django.db import migrations
from django.utils import timezone

from goodplay.lib.jobs.schedule import schedule

ACCOUNTS = [
    {
        "provider_type": "sandbox",
        "name": "sandbox",
        "display_name": "Sandbox",
        "description": "Test cards, no money.",
        "priority": 0,
        "health_status": "healthy",
    },
    {
        "provider_type": "bank_transfer",
        "name": "bank-transfer",
        "display_name": "Bank transfer",
        "description": "Not offered yet.",
        "processing_fee_percentage": Decimal("0.80"),
        "processing_fee_fixed": Decimal("0.25"),
        "is_active": False,
        "is_test_mode": False,
    },
]


def open_accounts(apps, schema_editor):
    """The sandbox takes payments only where SANDBOX_PAYMENTS lets it; the others come with their secrets."""
    accounts = apps.get_model("donations", "PaymentProvider").objects
    for account in ACCOUNTS:
        accounts.get_or_create(name=account["name"], defaults=account)


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0013_payment_next_action"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        migrations.RunPython(open_accounts, migrations.RunPython.noop),
        schedule("donations.tasks.process_due_webhooks", minutes=1),
        schedule("donations.tasks.repair_stuck_intents", minutes=5),
        schedule("donations.tasks.expire_intents", minutes=5),
        schedule("donations.tasks.check_payment_providers", minutes=10),
        schedule("donations.tasks.clear_old_webhooks", cron="50 3 * * *"),
    ]
