"""What is searched is kept beside each story; those written before get it now."""

from django.db import migrations

from goodplay.lib.markdown import plain
from goodplay.lib.words import folded


def fill(apps, schema_editor):
    stories = apps.get_model("impact", "ImpactStory").objects.using(schema_editor.connection.alias)
    for story in stories.all():
        shown = (story.title, story.title_it, story.preview_content, story.preview_content_it, *story.tags)
        stories.filter(pk=story.pk).update(
            public_words=folded(" ".join(map(plain, shown))),
            text_words=folded(f"{plain(story.content)} {plain(story.content_it)}"),
        )


class Migration(migrations.Migration):

    dependencies = [("impact", "0007_living_stories")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, hints={"documents": True})]
