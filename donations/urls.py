"""Routes of money."""

from django.urls import re_path

from donations.viewsets import ConversionRateViewSet, DonationViewSet, TransactionViewSet, WalletViewSet

_convert = WalletViewSet.as_view({"post": "convert_session"})
_one = r"^donations/(?P<donation_id>[^/]+)"

urlpatterns = [
    re_path(r"^wallet/?$", WalletViewSet.as_view({"get": "retrieve"}), name="wallet"),
    re_path(r"^wallet/statistics/?$", WalletViewSet.as_view({"get": "statistics"}), name="wallet-statistics"),
    re_path(r"^wallet/transactions/?$", TransactionViewSet.as_view({"get": "list"}), name="transactions"),
    re_path(r"^wallet/convert-session/?$", _convert, name="convert-session"),
    re_path(
        r"^conversion-rates/?$", ConversionRateViewSet.as_view({"get": "retrieve"}), name="conversion-rates"
    ),
    re_path(r"^donations/create/?$", DonationViewSet.as_view({"post": "create"}), name="donate"),
    re_path(r"^donations/history/?$", DonationViewSet.as_view({"get": "list"}), name="donation-history"),
    re_path(_one + r"/?$", DonationViewSet.as_view({"get": "retrieve"}), name="donation"),
    re_path(_one + r"/receipt/?$", DonationViewSet.as_view({"get": "receipt"}), name="donation-receipt"),
    re_path(
        _one + r"/receipt/download/?$",
        DonationViewSet.as_view({"get": "download"}),
        name="donation-receipt-download",
    ),
]
