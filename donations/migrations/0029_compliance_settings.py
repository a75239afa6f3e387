from django.db import migrations

from donations.migrations._first_rows import add_compliance_settings


class Migration(migrations.Migration):
    dependencies = [("donations", "0028_compliance")]
    operations = [migrations.RunPython(add_compliance_settings, migrations.RunPython.noop)]
