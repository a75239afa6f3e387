from django.db import migrations

from donations.migrations._risk_rules import add_rules_of_people


class Migration(migrations.Migration):
    dependencies = [("donations", "0048_screening_vintages")]
    operations = [migrations.RunPython(add_rules_of_people, migrations.RunPython.noop)]
