"""The rules the product starts with, and the thresholds of the check point as rules."""

from django.db import migrations

from donations.migrations._risk_rules import LONG_AGO, add_rules, compared


def add(apps, schema_editor):
    add_rules(apps, schema_editor)
    rules = apps.get_model("donations", "RiskRule").objects
    for row in apps.get_model("donations", "ReviewThreshold").objects.filter(is_active=True):
        rules.create(
            subject=row.subject,
            code="review_amount",
            version=1,
            name="Held from this amount on",
            conditions=compared("amount", "gte", str(row.amount)),
            action="review",
            score=50,
            status="active",
            created_at=LONG_AGO,
            published_at=LONG_AGO,
        )


class Migration(migrations.Migration):
    dependencies = [("donations", "0034_rules_decide_reviews")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
