"""Routes of payments."""

from django.urls import re_path

from donations.viewsets import PaymentListViewSet, PaymentViewSet, SavedMethodViewSet, WebhookViewSet

_payment = r"^payments/(?P<intent_id>[^/]+)"
_payments = PaymentListViewSet.as_view({"get": "list"})
_fees = PaymentListViewSet.as_view({"get": "fees"})
_forget = SavedMethodViewSet.as_view({"delete": "destroy"})

urlpatterns = [
    re_path(r"^payments/intent/?$", PaymentViewSet.as_view({"post": "create"}), name="payment-intent"),
    re_path(r"^payments/webhook/?$", WebhookViewSet.as_view({"post": "receive"}), name="payment-webhook"),
    re_path(r"^payments/history/?$", _payments, name="payments"),
    re_path(r"^payments/methods/?$", PaymentListViewSet.as_view({"get": "methods"}), name="payment-methods"),
    re_path(r"^payments/fees/calculate/?$", _fees, name="payment-fees"),
    re_path(r"^payments/saved-methods/?$", SavedMethodViewSet.as_view({"get": "list"}), name="saved-methods"),
    re_path(r"^payments/saved-methods/(?P<method_id>[^/]+)/?$", _forget, name="saved-method"),
    re_path(_payment + r"/confirm/?$", PaymentViewSet.as_view({"post": "confirm"}), name="payment-confirm"),
    re_path(_payment + r"/status/?$", PaymentViewSet.as_view({"get": "status"}), name="payment-status"),
    re_path(_payment + r"/cancel/?$", PaymentViewSet.as_view({"post": "cancel"}), name="payment-cancel"),
    re_path(_payment + r"/refund/?$", PaymentViewSet.as_view({"post": "refund"}), name="payment-refund"),
]
