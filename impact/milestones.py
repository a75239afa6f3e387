"""The thresholds the community crosses together."""

from decimal import Decimal

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from impact.models import CommunityMilestone

COMMUNITY = {
    CommunityMilestone.Kind.DONATIONS: (10_000, 50_000, 100_000, 250_000, 500_000, 1_000_000),
    CommunityMilestone.Kind.DONORS: (100, 500, 1_000, 5_000),
    CommunityMilestone.Kind.ONLUS: (10, 25, 50, 100),
    CommunityMilestone.Kind.STORIES: (1_000, 10_000, 100_000),
}


COMMUNITY_TITLES = {
    CommunityMilestone.Kind.DONATIONS: _("Together we gave %(threshold)s EUR"),
    CommunityMilestone.Kind.DONORS: _("We are %(threshold)s donors now"),
    CommunityMilestone.Kind.ONLUS: _("Together we support %(threshold)s ONLUS"),
    CommunityMilestone.Kind.STORIES: _("Together we opened %(threshold)s stories"),
}


def _community_title(kind: str, threshold: Decimal) -> str:
    return str(COMMUNITY_TITLES[CommunityMilestone.Kind(kind)]) % {"threshold": f"{threshold:,.0f}"}


# Its words are chosen when they are shown: a cache keeps kind and threshold, not somebody's language.
community_title = lazy(_community_title, str)
