"""Portal pages about people. `overview` without an organisation leads to the reader's own, or to the choice."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.entrance, name="overview"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
]
