from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("donations", "0006_fill_clears_at")]

    operations = [
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('clears_at', None), ('completed_at', None)), models.Q(('clears_at__isnull', False), ('completed_at__isnull', False)), _connector='OR'), name='donation_clears_iff_completed'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('refunded_amount', models.F('amount')), ('status', 'refunded')), models.Q(('refunded_amount__gte', 0), ('refunded_amount__lt', models.F('amount')), ('status', 'completed')), models.Q(('refunded_amount', 0), ('status__in', ['pending', 'processing', 'failed', 'cancelled'])), _connector='OR'), name='donation_refunded_within_amount'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status__in', ['failed', 'cancelled'])), models.Q(models.Q(('status__in', ['failed', 'cancelled']), _negated=True), ('closed_at', None)), _connector='OR'), name='donation_closed_iff_not_carried_out'),
        ),
    ]
