"""The doors: API, its documents, the back office, the portal."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from donations.views import check, check_form, landing, payment_return
from goodplay.lib import health
from goodplay.lib.metrics.views import prometheus
from impact import views as public
from impact.sitemaps import SITEMAPS

handler400 = "goodplay.lib.api.fallbacks.bad_request"
handler404 = "goodplay.lib.api.fallbacks.not_found"
handler500 = "goodplay.lib.api.fallbacks.server_error"

portal = [
    path("", include("accounts.portal_urls")),
    path("", include("donations.portal_urls")),
    path("", include("impact.portal_urls")),
]

urlpatterns = [
    path("", landing, name="landing"),
    re_path(r"^api/health/?$", health.live, name="health"),
    re_path(r"^api/health/ready/?$", health.ready, name="ready"),
    path("metrics", prometheus, name="metrics"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/", include("goodplay.api")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("portal", RedirectView.as_view(pattern_name="portal:overview")),
    path("portal/", include((portal, "portal"))),
    path("sandbox/", include("donations.payments.sandbox.urls")),
    path("payments/return/<uuid:intent_id>/", payment_return, name="payment-return"),
    path("receipts/check", RedirectView.as_view(pattern_name="check-receipts", query_string=True)),
    path("receipts/check/", check_form, name="check-receipts"),
    path("receipts/check/<str:code>", check, name="check-receipt"),
    path("media/pictures/", include("goodplay.lib.pictures.urls")),
    path("transparency", RedirectView.as_view(pattern_name="transparency", query_string=True)),
    path("transparency/", public.transparency, name="transparency"),
    path("organisations", RedirectView.as_view(pattern_name="organisations", query_string=True)),
    path("organisations/", public.organisations, name="organisations"),
    path("organisations/<uuid:onlus_id>/", public.organisation, name="organisation"),
    path("reports", RedirectView.as_view(pattern_name="reports", query_string=True)),
    path("reports/", public.reports, name="reports"),
    path("reports/<str:report_type>/<str:name>/", public.report, name="report"),
    path("reports/<str:report_type>/<str:name>/pdf/", public.report_pdf, name="report-pdf"),
    path("follow/<uuid:donation_id>/", public.follow, name="follow"),
    path("robots.txt", public.robots, name="robots"),
    path(
        "sitemap.xml",
        cache_control(public=True, max_age=3600)(sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap",
    ),
    # Without a token in it, a page is the same for everybody; a language is nothing to forge.
    path("i18n/setlang/", csrf_exempt(set_language), name="set_language"),
]
