from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from goodplay.lib.pictures import operations


@job(every=timedelta(days=1))
def delete_unused_pictures() -> str:
    """Delete the pictures nothing has shown since a day."""
    return f"{operations.delete_unused(now=timezone.now())} deleted"
