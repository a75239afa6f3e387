"""Facts about exports."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from goodplay.lib.exports.models import ExportJob


def _facts(job: "ExportJob") -> dict[str, Any]:
    return {"export_job_id": str(job.pk), "kind": job.kind, "created_by_id": str(job.created_by_id)}


export_requested = DomainSignal("export_requested", facts=_facts)
"""Arguments: job. Somebody asks for a file that is made in the background."""
