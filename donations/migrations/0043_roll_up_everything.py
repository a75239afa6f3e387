"""Days of play were not summed up to now: without a state the next run makes every day."""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("donations", "RollupState").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("donations", "0042_player_days"), ("games", "0004_sessions_of_a_day")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
