import goodplay.lib.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ImportedDocument',
            fields=[
                ('id', models.UUIDField(default=goodplay.lib.fields._new_key, editable=False, primary_key=True, serialize=False)),
                ('collection', models.CharField(max_length=40, verbose_name='collection')),
                ('old_id', models.CharField(max_length=64, verbose_name='old key')),
                ('new_key', models.CharField(max_length=64, verbose_name='new key')),
                ('digest', models.CharField(help_text='Of the document as it was brought over.', max_length=64, verbose_name='digest')),
                ('natural_key', models.CharField(max_length=64, null=True, verbose_name='what there is one of')),
                ('imported_at', models.DateTimeField(verbose_name='brought over at')),
            ],
            options={
                'verbose_name': 'imported document',
                'verbose_name_plural': 'imported documents',
                'constraints': [models.UniqueConstraint(fields=('collection', 'old_id'), name='imported_once'), models.UniqueConstraint(condition=models.Q(('natural_key__isnull', False)), fields=('collection', 'natural_key'), name='imported_one_of_its_kind')],
            },
        ),
    ]
