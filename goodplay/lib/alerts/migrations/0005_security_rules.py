from decimal import Decimal

from django.db import migrations

from goodplay.lib.ids import new_id

# measure, threshold, area: raised when above, medium.
RULES = [("suspicious_activities", "10", "security"), ("fraud_attempts", "5", "compliance")]


def add(apps, schema_editor):
    rule = apps.get_model("alerts", "AlertRule")
    for metric, threshold, area in RULES:
        rule.objects.get_or_create(
            metric=metric,
            operator="gt",
            threshold=Decimal(threshold),
            over_minutes=1,
            defaults={"id": new_id(), "severity": "medium", "area": area},
        )


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_watch_jobs")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
