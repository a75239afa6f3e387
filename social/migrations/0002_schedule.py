from django.db import migrations

from goodplay.lib.jobs.schedule import schedule


class Migration(migrations.Migration):
    dependencies = [
        ("social", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        # A minute past the hour, so that the first run after midnight finds the ranks the day closed with.
        schedule("social.tasks.refresh_scores", cron="1 * * * *"),
        schedule("social.tasks.refresh_listings", cron="31 * * * *"),
        schedule("social.tasks.refresh_board_figures", minutes=5),
    ]
