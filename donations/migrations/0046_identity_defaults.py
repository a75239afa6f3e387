from django.db import migrations

from donations.migrations._first_rows import add_levels


class Migration(migrations.Migration):
    dependencies = [("donations", "0045_identity")]
    operations = [migrations.RunPython(add_levels, migrations.RunPython.noop)]
