from decimal import Decimal

from django.db import migrations

from goodplay.lib.ids import new_id

# measure, operator, threshold, severity; all of the area compliance.
RULES = [
    ("application_processing_days", "gt", "7", "high"),
    ("application_backlog", "gte", "50", "high"),
    ("verification_completion", "lt", "95", "medium"),
    ("critical_issue_hours", "gt", "24", "high"),
]


def add(apps, schema_editor):
    rule = apps.get_model("alerts", "AlertRule")
    for metric, operator, threshold, severity in RULES:
        rule.objects.get_or_create(
            metric=metric,
            operator=operator,
            threshold=Decimal(threshold),
            over_minutes=1,
            defaults={"id": new_id(), "severity": severity, "area": "compliance"},
        )


class Migration(migrations.Migration):
    dependencies = [("alerts", "0006_translations")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
