"""What a donor can still do for a closed story, in words."""

from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations.models import SpecialEvent
from goodplay.lib.templatetags.house import day, euros
from impact.conditions import Progress
from impact.models import ImpactStory

Condition = ImpactStory.Condition


def hint(story: ImpactStory, progress: Progress, event: SpecialEvent | None, now: datetime) -> str:
    kind = Condition(story.unlock_condition_type)
    if kind == Condition.SPECIAL_EVENT:
        return _of_event(event, now)
    if progress.is_met:
        return _("Opens within minutes.")
    missing = progress.remaining_amount
    if kind == Condition.TOTAL_DONATED:
        return _("Give %(amount)s more.") % {"amount": euros(missing)}
    if kind == Condition.IMPACT_SCORE:
        return _("Gain %(points)s more points of impact.") % {
            "points": number_format(f"{missing.normalize():f}")
        }
    if kind == Condition.TIME_BASED:
        return _of_time(story, progress, now)
    count = int(-(-missing // 1))
    if kind == Condition.DONATION_COUNT:
        return ngettext("Make one more donation.", "Make %(count)s more donations.", count) % {"count": count}
    return ngettext("Support one more organisation.", "Support %(count)s more organisations.", count) % {
        "count": count
    }


def _of_event(event: SpecialEvent | None, now: datetime) -> str:
    if event is None:
        return ""
    words = {"event": event.name, "from": day(event.starts_at), "until": day(event.ends_at)}
    if event.ends_at <= now:
        return _("“%(event)s” is over.") % words
    if event.starts_at > now:
        return _("Take part in “%(event)s” from %(from)s.") % words
    return _("Take part in “%(event)s” until %(until)s.") % words


def _of_time(story: ImpactStory, progress: Progress, now: datetime) -> str:
    if story.available_from and story.available_from > now:
        return _("Opens on %(day)s.") % {"day": day(story.available_from)}
    if story.available_until:
        return _("It could be opened until %(day)s.") % {"day": day(story.available_until)}
    count = int(progress.remaining_amount)
    if not progress.current_value:
        return ngettext(
            "Opens one day after your first donation.",
            "Opens %(count)s days after your first donation.",
            count,
        ) % {"count": count}
    return ngettext("Opens tomorrow.", "Opens in %(count)s days.", count) % {"count": count}
