"""Routes of donations."""

from django.urls import re_path

from donations.viewsets import DonationViewSet

_one = r"^donations/(?P<donation_id>[^/]+)"

urlpatterns = [
    re_path(r"^donations/create/?$", DonationViewSet.as_view({"post": "create"}), name="donate"),
    re_path(
        r"^donations/validate/?$", DonationViewSet.as_view({"post": "validate"}), name="donation-validate"
    ),
    re_path(r"^donations/summary/?$", DonationViewSet.as_view({"get": "summary"}), name="donation-summary"),
    re_path(r"^donations/history/?$", DonationViewSet.as_view({"get": "list"}), name="donation-history"),
    re_path(_one + r"/?$", DonationViewSet.as_view({"get": "retrieve"}), name="donation"),
    re_path(_one + r"/cancel/?$", DonationViewSet.as_view({"post": "cancel"}), name="donation-cancel"),
]
