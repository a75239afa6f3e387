"""Comparing what is measured with the thresholds staff set: raises, and resolves by itself."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from goodplay.lib.alerts.models import AlertRule, Severity
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.db import try_transaction_lock
from goodplay.lib.metrics import queries
from goodplay.lib.metrics.registry import MEASURES, Number

SOURCE = "metrics"


@transaction.atomic
def evaluate(*, now: datetime) -> str:
    """Look at every measure with a rule. One that is not known now neither raises nor resolves anything."""
    if not try_transaction_lock("alert rules"):
        return "a twin is at it"
    rules: dict[str, list[AlertRule]] = defaultdict(list)
    for rule in AlertRule.objects.order_by("metric", "pk"):
        rules[rule.metric].append(rule)
    outcomes = [_evaluate(metric, of_metric, now) for metric, of_metric in rules.items()]
    return f"{outcomes.count('raised')} raised, {outcomes.count('resolved')} resolved"


def _evaluate(metric: str, rules: list[AlertRule], now: datetime) -> str:
    active = [rule for rule in rules if rule.is_active]
    read = [(rule, queries.over_minutes(metric, rule.over_minutes, now)) for rule in active]
    known = [(rule, value) for rule, value in read if value is not None]
    if active and not known:
        return "unknown"
    due = [(rule, value) for rule, value in known if _held(rule, value, now)]
    if due:
        _raise(metric, *min(due, key=lambda each: Severity(each[0].severity).rank), now)
        return "raised"
    if any(rule.breached_since for rule, _value in known):
        return "waiting"
    return "resolved" if resolve_alert(dedupe_key=_key(metric), now=now) else "well"


def _held(rule: AlertRule, value: Number, now: datetime) -> bool:
    """Note since when the rule is broken, and say whether that is long enough."""
    if not rule.is_breached_by(value):
        _note(rule, None)
        return False
    if rule.breached_since is None:
        _note(rule, now)
    return now - (rule.breached_since or now) >= timedelta(minutes=rule.holds_for_minutes)


def _note(rule: AlertRule, since: datetime | None) -> None:
    if rule.breached_since != since:
        rule.breached_since = since
        rule.save(update_fields=["breached_since"])


def _raise(metric: str, rule: AlertRule, value: Number, now: datetime) -> None:
    measure = MEASURES[metric]
    unit = f" {measure.unit}" if measure.unit else ""
    raise_alert(
        area=rule.area,
        alert_type=metric,
        severity=rule.severity,
        title=lambda: f"{measure.label}: {value:g}{unit}",
        message=lambda: (
            f"{measure.label} {rule.get_operator_display()} {rule.threshold.normalize():f}{unit}."
        ),
        data={"value": value, "threshold": rule.threshold, "minutes": rule.over_minutes},
        dedupe_key=_key(metric),
        source=SOURCE,
        now=now,
    )


def _key(metric: str) -> str:
    return f"metric:{metric}"
