"""Pages about impact: those for everybody are named here, those of the portal in their own files."""

from .following import follow
from .organisations import organisation, organisations
from .reports import report, report_pdf, reports
from .site import robots
from .transparency import transparency

__all__ = [
    "follow",
    "organisation",
    "organisations",
    "report",
    "report_pdf",
    "reports",
    "robots",
    "transparency",
]
