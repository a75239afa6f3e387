from decimal import Decimal

from django.db import migrations

from goodplay.lib.ids import new_id
from goodplay.lib.jobs.schedule import schedule

# measure, operator, threshold, severity, area, reckoned over, must hold for (minutes)
RULES = [
    ("cpu_usage", "gt", "80", "medium", "system", 1, 5),
    ("cpu_usage", "gt", "85", "high", "system", 1, 5),
    ("cpu_usage", "gt", "95", "critical", "system", 1, 5),
    ("memory_usage", "gt", "85", "medium", "system", 1, 5),
    ("memory_usage", "gt", "90", "high", "system", 1, 5),
    ("memory_usage", "gt", "98", "critical", "system", 1, 0),
    ("disk_usage", "gt", "85", "medium", "system", 1, 0),
    ("disk_usage", "gt", "95", "critical", "system", 1, 0),
    ("response_time_avg", "gt", "1000", "medium", "system", 5, 0),
    ("dashboard_load_time", "gt", "2000", "medium", "system", 5, 0),
    ("error_rate", "gt", "5", "medium", "system", 5, 0),
    ("api_error_rate", "gt", "1", "critical", "system", 5, 0),
    ("database_response_time", "gt", "100", "medium", "system", 5, 0),
    ("parked_deliveries", "gt", "0", "high", "system", 1, 0),
    ("outbox_lag", "gt", "300", "medium", "system", 1, 0),
    ("story_unlock_latency", "gt", "500", "high", "system", 1, 5),
    ("report_generation_time", "gt", "300", "high", "system", 1, 0),
    ("daily_story_unlocks", "lte", "0", "low", "system", 1, 60),
    ("failed_logins", "gt", "100", "medium", "security", 60, 0),
    ("refund_rate", "gt", "10", "medium", "financial", 1, 0),
]


def add(apps, schema_editor):
    rule = apps.get_model("alerts", "AlertRule")
    names = ("metric", "operator", "threshold", "severity", "area", "over_minutes", "holds_for_minutes")
    for row in RULES:
        values = dict(zip(names, row, strict=True)) | {"threshold": Decimal(row[2])}
        key = {name: values.pop(name) for name in ("metric", "operator", "threshold", "over_minutes")}
        rule.objects.get_or_create(**key, defaults={"id": new_id(), **values})


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0002_alert_rules"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        schedule("goodplay.lib.alerts.tasks.evaluate_alert_rules", minutes=1),
    ]
