from django.db import migrations

from donations.migrations._first_rows import add_accounts_and_rate


class Migration(migrations.Migration):
    dependencies = [("donations", "0001_initial")]
    operations = [migrations.RunPython(add_accounts_and_rate, migrations.RunPython.noop)]
