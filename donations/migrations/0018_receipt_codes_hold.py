from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('donations', '0017_fill_receipt_codes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='receipt',
            name='amount',
            field=models.DecimalField(decimal_places=2, help_text='What it is over: what was given, less what was given back before.', max_digits=14),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='code',
            field=models.CharField(help_text='Printed on it; proves it genuine.', max_length=16, unique=True, verbose_name='check code'),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='is_deductible',
            field=models.BooleanField(help_text='The part of own money may be deducted.', verbose_name='deductible'),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='paid_amount',
            field=models.DecimalField(decimal_places=2, help_text="The part that was the donor's own money.", max_digits=14),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='tax_year',
            field=models.PositiveSmallIntegerField(verbose_name='year of the gift'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces', None), ('voids', None)), fields=('donation',), name='receipt_first_once'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'void'), ('replaces', None), ('voids__isnull', False)), models.Q(('kind__in', ['thank_you', 'gift']), ('voids', None)), _connector='OR'), name='receipt_void_names_one'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('paid_amount__gte', 0), ('paid_amount__lte', models.F('amount'))), name='receipt_paid_within_amount'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('is_deductible', False), ('paid_amount__gt', 0), _connector='OR'), name='receipt_deductible_is_paid'),
        ),
    ]
