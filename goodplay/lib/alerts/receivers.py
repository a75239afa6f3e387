"""What follows from alerts."""

from uuid import UUID

from goodplay.lib.alerts import mails
from goodplay.lib.alerts.signals import alert_opened, alert_worsened
from goodplay.lib.events.handlers import reacts_to


@reacts_to(alert_opened, alert_worsened)
def mail_alert(*, alert_id: UUID) -> None:
    mails.tell_staff(alert_id=alert_id)
