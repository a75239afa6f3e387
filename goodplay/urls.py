"""The doors: API, its documents, the back office, the portal."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from donations.views import check, check_form, landing, payment_return
from goodplay.lib import health

handler400 = "goodplay.lib.api.fallbacks.bad_request"
handler404 = "goodplay.lib.api.fallbacks.not_found"
handler500 = "goodplay.lib.api.fallbacks.server_error"

portal = [
    path("", include("accounts.portal_urls")),
    path("", include("donations.portal_urls")),
]

urlpatterns = [
    path("", landing, name="landing"),
    re_path(r"^api/health/?$", health.live, name="health"),
    re_path(r"^api/health/ready/?$", health.ready, name="ready"),
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
    path("i18n/", include("django.conf.urls.i18n")),
]
