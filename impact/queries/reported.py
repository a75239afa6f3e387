"""When organisations last reported their figures, for the assessments of donations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from impact.models import ImpactMetric


def reported_figures(onlus_ids: Iterable[UUID]) -> Mapping[UUID, list[datetime]]:
    """Return the day each active figure was collected, disputed ones left out. One query, on either store."""
    rows = ImpactMetric.objects.active().filter(onlus_id__in=list(onlus_ids))
    undisputed = rows.exclude(verification_status=ImpactMetric.Verification.DISPUTED)
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for onlus_id, collected in undisputed.values_list("onlus_id", "collection_date"):
        found[onlus_id].append(collected)
    return found
