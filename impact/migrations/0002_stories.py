"""The stories every installation starts with. Their keys are fixed, so unlocks fit whichever database holds stories."""

from django.db import migrations

from impact.migrations._stories import add_stories, remove_stories


class Migration(migrations.Migration):

    dependencies = [("impact", "0001_initial")]

    operations = [migrations.RunPython(add_stories, remove_stories, hints={"documents": True})]
