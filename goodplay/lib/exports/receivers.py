"""What exports do when facts are announced."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.signals import export_requested
from goodplay.lib.exports.tasks import build_export
from goodplay.lib.jobs.soon import soon


@receiver(export_requested, dispatch_uid="exports.build")
def build_soon(sender: Any, job: ExportJob, **kwargs: Any) -> None:
    transaction.on_commit(lambda: soon(build_export, job_id=str(job.pk)))
