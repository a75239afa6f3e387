"""The directory of organisations, and the page of each."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Onlus
from accounts.queries.logos import public_logos_of
from donations.queries.flows import Standing, standings
from goodplay.lib.public_pages import public_page
from impact.forms.directory import DirectoryForm
from impact.queries import transparency as queries
from impact.queries.metrics import formatted_value, metrics_of
from impact.queries.updates import updates_of

ON_A_PAGE = 24
NEWS, STORIES = 6, 4
NEWS_OF = timedelta(days=365)


@public_page()
def organisations(request: HttpRequest) -> HttpResponse:
    form = DirectoryForm(
        request.GET,
        categories=queries.categories_in_use(),
        regions=queries.regions(),
        language=get_language(),
    )
    asked = form.cleaned_data if form.is_valid() else {}
    found = Paginator(queries.organisations(**asked, now=timezone.now()), ON_A_PAGE)
    shown = found.get_page(request.GET.get("page"))
    page = {
        "form": form,
        "is_filtered": any(asked.values()),
        "asked": urlencode({name: value for name, value in asked.items() if value}),
        "page": shown,
        "logos": public_logos_of(onlus.pk for onlus in shown),
    }
    return render(request, "impact/organisations.html", page)


@public_page()
def organisation(request: HttpRequest, onlus_id: UUID) -> HttpResponse:
    now = timezone.now()
    onlus = Onlus.objects.public().select_related("category").filter(pk=onlus_id).first()
    if onlus is None:
        raise Http404
    language = get_language()
    page = {
        "onlus": onlus,
        "reports_on_time": onlus.is_reporting_on_time(now),
        "logo": public_logos_of([onlus.pk]).get(onlus.pk),
        "standing": standings([onlus.pk]).get(onlus.pk, Standing()),
        "metrics": [
            {"view": view, "written": formatted_value(view.metric), "line": _line(view.points)}
            for view in metrics_of(onlus.pk, period="", now=now)
        ],
        "updates": [view.update for view in updates_of(onlus.pk, since=now - NEWS_OF, limit=NEWS, now=now)],
        "stories": [story.words(language) for story in queries.story_teasers(onlus.pk, now, limit=STORIES)],
    }
    return render(request, "impact/organisation.html", page)


def _line(points: list[dict[str, object]]) -> str:
    """Draw the readings as the points of a line in a field of 100 to 30; fewer than two draw none."""
    values = [float(str(point["value"])) for point in points]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    height = (high - low) or 1.0
    step = 100 / (len(values) - 1)
    return " ".join(
        f"{number * step:.1f},{28 - 26 * (value - low) / height:.1f}" for number, value in enumerate(values)
    )
