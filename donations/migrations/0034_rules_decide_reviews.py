import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("donations", "0033_reconciliation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='riskrule',
            name='risk_rule_version_once',
        ),
        migrations.RemoveConstraint(
            model_name='riskrule',
            name='risk_rule_one_active',
        ),
        migrations.AddField(
            model_name='review',
            name='decision',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='donations.riskdecision'),
        ),
        migrations.AddField(
            model_name='review',
            name='risk_level',
            field=models.CharField(choices=[('low', 'Low'), ('medium', 'Medium'), ('high', 'High'), ('critical', 'Critical')], default='medium', max_length=8, verbose_name='risk'),
        ),
        migrations.AddField(
            model_name='sessioncredit',
            name='earned_that_hour',
            field=models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14),
        ),
        migrations.AlterField(
            model_name='review',
            name='subject',
            field=models.CharField(choices=[('session', 'Session'), ('donation', 'Donation'), ('top_up', 'Top-up'), ('payout', 'Payout'), ('batch', 'Batch')], max_length=10, verbose_name='movement'),
        ),
        migrations.AlterField(
            model_name='riskdecision',
            name='rules',
            field=models.JSONField(default=list, help_text='Code and version of each, and whether it was on trial.', verbose_name='rules asked'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('status', 'rejected'), ('subject', 'session')), fields=['player'], name='review_refused_play'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('status', 'open'), ('subject', 'session')), fields=['subject_id'], name='review_held_play'),
        ),
        migrations.AddConstraint(
            model_name='riskrule',
            constraint=models.UniqueConstraint(fields=('subject', 'code', 'version'), name='risk_rule_version_once'),
        ),
        migrations.AddConstraint(
            model_name='riskrule',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'active')), fields=('subject', 'code'), name='risk_rule_one_active'),
        ),
    ]
