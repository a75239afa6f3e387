"""The front page, for everybody."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.queries.logos import public_logos_of
from donations.queries import landing as front
from goodplay.lib.public_pages import public_page

ORGANISATIONS = 8
FIGURES_KEPT_FOR = 60  # seconds


@public_page()
def landing(request: HttpRequest) -> HttpResponse:
    figures = cache.get_or_set("landing:figures", front.public_figures, FIGURES_KEPT_FOR)
    newest = list(front.newest_organisations(ORGANISATIONS))
    logos = public_logos_of(onlus.pk for onlus in newest)
    page = {"figures": figures, "organisations": newest, "logos": logos}
    return render(request, "donations/landing.html", page)
