"""Stories, metrics, news and reports of an old installation, as they were. Nothing is announced, nothing unlocks."""

from datetime import datetime

from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate

Kept = ImpactStory | ImpactMetric | ImpactUpdate | CommunityReport


def take_over(*, document: Kept, is_kept: bool = True) -> None:
    """Check a document as a form would, and keep it. The same key again, after a run that broke off, is the same document."""
    there = type(document)._default_manager.filter(pk=document.pk).exists()
    document._state.adding = not there
    document.full_clean()
    if is_kept:
        document.save(force_insert=not there, force_update=there)


def quieten(story: ImpactStory, now: datetime) -> bool:
    """Let a story open for those who meet its condition from now on. Say whether it had to be switched off for that:
    what opens by itself would open for everybody at once."""
    story.offered_at = now
    if story.is_active and story.opens_by_itself:
        story.is_active = False
        return True
    return False
