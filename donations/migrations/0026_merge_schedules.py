"""Two schedules that were added at the same time."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0025_allocation_schedule"),
        ("donations", "0025_batch_schedule"),
    ]
    operations = []
