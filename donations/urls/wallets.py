"""Routes of the wallet."""

from django.urls import re_path

from donations.viewsets import (
    AutoDonationViewSet,
    CreditViewSet,
    TransactionViewSet,
    UserCreditViewSet,
    UserWalletViewSet,
    WalletViewSet,
)

_convert = WalletViewSet.as_view({"post": "convert_session"})
_automatic = AutoDonationViewSet.as_view({"put": "update"})
_give_now = AutoDonationViewSet.as_view({"post": "process"})
_own = UserWalletViewSet.as_view({"get": "retrieve"})
_own_credits = UserCreditViewSet.as_view({"post": "create"})
_own_gift = UserWalletViewSet.as_view({"post": "donate"})

urlpatterns = [
    re_path(r"^wallet/?$", WalletViewSet.as_view({"get": "retrieve"}), name="wallet"),
    re_path(r"^wallet/statistics/?$", WalletViewSet.as_view({"get": "statistics"}), name="wallet-statistics"),
    re_path(r"^wallet/transactions/?$", TransactionViewSet.as_view({"get": "list"}), name="transactions"),
    re_path(r"^wallet/convert-session/?$", _convert, name="convert-session"),
    re_path(r"^wallet/auto-donation/?$", _automatic, name="auto-donation"),
    re_path(r"^wallet/auto-donation/process/?$", _give_now, name="auto-donation-process"),
    re_path(r"^wallet/credits/add/?$", CreditViewSet.as_view({"post": "create"}), name="credits-add"),
    # The first clients' names for the same wallet.
    re_path(r"^users/wallet/?$", _own, name="user-wallet"),
    re_path(r"^users/credits/?$", _own_credits, name="user-credits"),
    re_path(r"^users/donate/?$", _own_gift, name="user-donate"),
    re_path(r"^user/wallet/?$", _own),
    re_path(r"^user/credits/?$", _own_credits),
    re_path(r"^user/donate/?$", _own_gift),
]
