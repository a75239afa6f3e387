from datetime import UTC, datetime

from django.db import migrations, models

from donations.models.ledger import system_account_id

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def add(apps, schema_editor):
    account = apps.get_model("donations", "LedgerAccount")
    account.objects.get_or_create(
        id=system_account_id("suspense"), defaults={"kind": "suspense", "created_at": LONG_AGO}
    )


class Migration(migrations.Migration):
    dependencies = [("donations", "0019_tax_rules")]

    operations = [
        migrations.AlterField(
            model_name="ledgeraccount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("player_credits", "Player: earned credits"),
                    ("player_cash", "Player: paid money"),
                    ("onlus_payable", "Payable to ONLUS"),
                    ("reward_pool", "Reward pool"),
                    ("sponsor", "Sponsors"),
                    ("provider_clearing", "Payment provider clearing"),
                    ("provider_fees", "Payment provider fees"),
                    ("platform_fees", "Platform fees"),
                    ("payout_in_transit", "Payouts in transit"),
                    ("bank", "Bank"),
                    ("chargeback_loss", "Chargeback losses"),
                    ("adjustment", "Adjustments"),
                    ("suspense", "Unclear payments"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
