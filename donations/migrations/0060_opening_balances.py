"""The account old installations are opened against, and what each wallet brought."""

import django.db.models.deletion
import goodplay.lib.fields
from django.conf import settings
from django.db import migrations, models

from donations.migrations._first_rows import add_opening_account


class Migration(migrations.Migration):

    dependencies = [
        ('donations', '0059_schedule_financial_reports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='ledgeraccount',
            name='kind',
            field=models.CharField(choices=[('player_credits', 'Player: earned credits'), ('player_cash', 'Player: paid money'), ('onlus_payable', 'Payable to ONLUS'), ('reward_pool', 'Reward pool'), ('sponsor', 'Sponsors'), ('provider_clearing', 'Payment provider clearing'), ('provider_fees', 'Payment provider fees'), ('platform_fees', 'Platform fees'), ('payout_in_transit', 'Payouts in transit'), ('bank', 'Bank'), ('chargeback_loss', 'Chargeback losses'), ('adjustment', 'Adjustments'), ('suspense', 'Unclear payments'), ('opening', 'Brought over from the old installation')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=[('session_credit', 'Credits for play'), ('bonus', 'Bonus'), ('donation', 'Donation'), ('match', 'Matched by a sponsor'), ('grant', 'Granted by a sponsor'), ('funding', 'Sponsor funding'), ('top_up', 'Top-up'), ('fee', 'Fee'), ('refund', 'Refund'), ('payout', 'Payout'), ('dispute', 'Dispute'), ('adjustment', 'Adjustment'), ('settlement', 'Paid out by a provider'), ('opening', 'Brought over from the old installation')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='transferday',
            name='credit_kind',
            field=models.CharField(choices=[('player_credits', 'Player: earned credits'), ('player_cash', 'Player: paid money'), ('onlus_payable', 'Payable to ONLUS'), ('reward_pool', 'Reward pool'), ('sponsor', 'Sponsors'), ('provider_clearing', 'Payment provider clearing'), ('provider_fees', 'Payment provider fees'), ('platform_fees', 'Platform fees'), ('payout_in_transit', 'Payouts in transit'), ('bank', 'Bank'), ('chargeback_loss', 'Chargeback losses'), ('adjustment', 'Adjustments'), ('suspense', 'Unclear payments'), ('opening', 'Brought over from the old installation')], max_length=20, verbose_name='to'),
        ),
        migrations.AlterField(
            model_name='transferday',
            name='debit_kind',
            field=models.CharField(choices=[('player_credits', 'Player: earned credits'), ('player_cash', 'Player: paid money'), ('onlus_payable', 'Payable to ONLUS'), ('reward_pool', 'Reward pool'), ('sponsor', 'Sponsors'), ('provider_clearing', 'Payment provider clearing'), ('provider_fees', 'Payment provider fees'), ('platform_fees', 'Platform fees'), ('payout_in_transit', 'Payouts in transit'), ('bank', 'Bank'), ('chargeback_loss', 'Chargeback losses'), ('adjustment', 'Adjustments'), ('suspense', 'Unclear payments'), ('opening', 'Brought over from the old installation')], max_length=20, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='transferday',
            name='kind',
            field=models.CharField(choices=[('session_credit', 'Credits for play'), ('bonus', 'Bonus'), ('donation', 'Donation'), ('match', 'Matched by a sponsor'), ('grant', 'Granted by a sponsor'), ('funding', 'Sponsor funding'), ('top_up', 'Top-up'), ('fee', 'Fee'), ('refund', 'Refund'), ('payout', 'Payout'), ('dispute', 'Dispute'), ('adjustment', 'Adjustment'), ('settlement', 'Paid out by a provider'), ('opening', 'Brought over from the old installation')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='OpeningBalance',
            fields=[
                ('id', models.UUIDField(default=goodplay.lib.fields._new_key, editable=False, primary_key=True, serialize=False)),
                ('source_id', models.CharField(max_length=64, unique=True, verbose_name='key of the old wallet')),
                ('earned_amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='earned')),
                ('paid_amount', models.DecimalField(decimal_places=2, help_text='As far as payments that succeeded prove it.', max_digits=14, verbose_name='paid in')),
                ('earned_before', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='earned before, in all')),
                ('donated_before', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='donated before, in all')),
                ('transactions_count', models.PositiveIntegerField(verbose_name='old transactions')),
                ('created_at', models.DateTimeField(verbose_name='brought over at')),
                ('player', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='opening_balance', to=settings.AUTH_USER_MODEL, verbose_name='player')),
            ],
            options={
                'verbose_name': 'opening balance',
                'verbose_name_plural': 'opening balances',
                'constraints': [models.CheckConstraint(condition=models.Q(('donated_before__gte', 0), ('earned_amount__gte', 0), ('earned_before__gte', 0), ('paid_amount__gte', 0)), name='opening_from_zero')],
            },
        ),
        migrations.RunPython(add_opening_account, migrations.RunPython.noop),
    ]
