"""The stories every installation starts with. Their keys are fixed, so unlocks fit whichever database holds stories."""

from decimal import Decimal
from uuid import UUID

from django.db import migrations

from impact.migrations._stories import rows


def add(apps, schema_editor):
    stories = apps.get_model("impact", "ImpactStory").objects.using(schema_editor.connection.alias)
    known = set(stories.values_list("id", flat=True))
    fresh = [
        stories.model(**{**row, "id": UUID(row["id"]), "unlock_condition_value": Decimal(row["unlock_condition_value"])})
        for row in rows()
        if UUID(row["id"]) not in known
    ]
    stories.bulk_create(fresh)


def remove(apps, schema_editor):
    stories = apps.get_model("impact", "ImpactStory").objects.using(schema_editor.connection.alias)
    stories.filter(id__in=[UUID(row["id"]) for row in rows()]).delete()


class Migration(migrations.Migration):

    dependencies = [("impact", "0001_initial")]

    operations = [migrations.RunPython(add, remove, hints={"documents": True})]
