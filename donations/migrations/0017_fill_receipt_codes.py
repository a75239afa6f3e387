"""Give receipts of old their check code and the figures that became columns.

They are facts of an append-only table: its triggers go for the length of this migration, and every `migrate` puts them
back when it is through (goodplay.lib.db.install_append_only_triggers).
"""

import secrets
from datetime import datetime
from decimal import Decimal

from django.db import migrations

from goodplay.lib.time import rome_day

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def unlock(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('DROP TRIGGER IF EXISTS "donations_receipt_append_only" ON "donations_receipt"')
    else:
        for verb in ("update", "delete", "replace"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "donations_receipt_no_{verb}"')


def fill(apps, schema_editor):
    receipts = apps.get_model("donations", "Receipt").objects
    for receipt in receipts.filter(code=None).iterator(chunk_size=2000):
        receipt.code = "".join(secrets.choice(ALPHABET) for _ in range(16))
        receipt.amount = Decimal(receipt.facts["amount"])
        receipt.paid_amount = Decimal(receipt.facts["paid_amount"])
        receipt.tax_year = rome_day(datetime.fromisoformat(receipt.facts["completed_at"])).year
        # Nobody had told us a codice fiscale or asked for a rule then.
        receipt.is_deductible = False
        receipt.save(update_fields=["code", "amount", "paid_amount", "tax_year", "is_deductible"])


class Migration(migrations.Migration):
    dependencies = [("donations", "0016_receipts_can_be_voided")]

    operations = [
        migrations.RunPython(unlock, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
