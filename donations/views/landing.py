"""The front page, for everybody."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from donations.queries import landing as front
from goodplay.lib.public_pages import public_page

ORGANISATIONS = 8
FIGURES_KEPT_FOR = 60  # seconds


@public_page()
def landing(request: HttpRequest) -> HttpResponse:
    figures = cache.get_or_set("landing:figures", front.public_figures, FIGURES_KEPT_FOR)
    page = {"figures": figures, "organisations": front.newest_organisations(ORGANISATIONS)}
    return render(request, "donations/landing.html", page)
