from datetime import timedelta

from django.db import migrations
from django.db.models import F

HELD_FOR = timedelta(days=14)  # own money; what PAYOUT_HOLD_DAYS is by default


def fill(apps, schema_editor):
    donations = apps.get_model("donations", "Donation").objects
    completed = donations.filter(completed_at__isnull=False, clears_at=None)
    completed.filter(paid_amount=0).update(clears_at=F("completed_at"))
    completed.update(clears_at=F("completed_at") + HELD_FOR)
    donations.filter(status="refunded").update(refunded_amount=F("amount"))
    donations.filter(status__in=("failed", "cancelled"), closed_at=None).update(closed_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("donations", "0005_giving_grows")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
