from django.db import migrations

from donations.migrations._tax_rules import add_tax_rules


class Migration(migrations.Migration):
    dependencies = [("donations", "0018_receipt_codes_hold")]
    operations = [migrations.RunPython(add_tax_rules, migrations.RunPython.noop)]
