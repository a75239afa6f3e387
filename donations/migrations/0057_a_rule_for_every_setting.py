"""Thresholds of the settings that no rule named, and the rules for batches."""

from django.db import migrations

from donations.migrations._risk_rules import LONG_AGO, compared, setting

COUNTRY = (
    "suspicious_country",
    "From a country on the list of the settings",
    {"fact": "is_suspicious_country", "operator": "eq", "threshold": True},
    "review",
    50,
    False,
)
MANY = compared("line_count", "gt", setting("risk_thresholds.suspicious_pattern_threshold"))
RULES = {
    "top_up": [
        (
            "daily_transaction_limit",
            "Puts in much in a day",
            compared("put_in_today", "gt", setting("risk_thresholds.daily_transaction_limit")),
            "score",
            10,
            False,
        ),
        (
            "monthly_transaction_limit",
            "Puts in much in a month",
            compared("put_in_this_month", "gt", setting("risk_thresholds.monthly_transaction_limit")),
            "score",
            15,
            False,
        ),
        (
            "failed_payments",
            "Several payments failed before",
            compared("failed_payments_in_window", "gte", setting("risk_thresholds.max_failed_attempts")),
            "score",
            20,
            False,
        ),
        COUNTRY,
    ],
    "donation": [COUNTRY],
    "payout": [COUNTRY],
    "batch": [
        (
            "identical_amounts",
            "Many lines of one amount",
            compared("identical_amounts", "gt", setting("risk_thresholds.suspicious_pattern_threshold")),
            "score",
            35,
            False,
        ),
        (
            "one_player",
            "More than half the lines are one player's",
            {"all": [MANY, compared("largest_share_percent", "gt", "50")]},
            "score",
            35,
            False,
        ),
        ("off_hours", "At night", compared("hour", "lt", "4"), "score", 35, True),
    ],
}


def add(apps, schema_editor):
    rules = apps.get_model("donations", "RiskRule").objects
    for subject, wanted in RULES.items():
        for code, name, conditions, action, score, is_weak in wanted:
            rules.get_or_create(
                subject=subject,
                code=code,
                version=1,
                defaults={
                    "name": name,
                    "conditions": conditions,
                    "action": action,
                    "score": score,
                    "is_weak": is_weak,
                    "status": "active",
                    "created_at": LONG_AGO,
                    "published_at": LONG_AGO,
                },
            )


class Migration(migrations.Migration):
    dependencies = [("donations", "0056_screening_by_rules_and_exemptions")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
