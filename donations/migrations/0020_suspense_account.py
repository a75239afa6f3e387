from django.db import migrations, models

from donations.migrations._first_rows import add_suspense_account


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
        migrations.RunPython(add_suspense_account, migrations.RunPython.noop),
    ]
