"""The payment page and its steps. The token in the address opens it."""

from django.urls import path

from donations.payments.sandbox import views

app_name = "sandbox"
_one = "pay/<uuid:payment_id>/<str:token>/"

urlpatterns = [
    path(_one, views.pay, name="pay"),
    path(_one + "authenticate/", views.authenticate, name="authenticate"),
    path(_one + "cancel/", views.cancel, name="cancel"),
    path(_one + "result/", views.result, name="result"),
]
