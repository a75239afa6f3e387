"""Facts about alerts."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from goodplay.lib.alerts.models import Alert


def _facts(alert: "Alert") -> dict[str, Any]:
    return {
        "alert_id": str(alert.pk),
        "area": alert.area,
        "alert_type": alert.alert_type,
        "severity": alert.severity,
        "status": alert.status,
    }


alert_opened = DomainSignal("alert_opened", facts=_facts, aggregate="alert_id")
"""Arguments: alert. Something needs to be looked at that was not known before."""

alert_worsened = DomainSignal("alert_worsened", facts=_facts, aggregate="alert_id")
"""Arguments: alert. A known one became more severe; it is open again."""

alert_acknowledged = DomainSignal("alert_acknowledged", facts=_facts, aggregate="alert_id")
"""Arguments: alert. Somebody looks after it."""

alert_resolved = DomainSignal("alert_resolved", facts=_facts, aggregate="alert_id")
"""Arguments: alert. It is over."""
