"""Portal pages about money, each under the organisation it is about."""

from django.urls import path

from donations import views

urlpatterns = [
    path("<uuid:onlus_id>/", views.overview, name="overview"),
    path("<uuid:onlus_id>/donations/", views.donations, name="donations"),
    path("<uuid:onlus_id>/donations.csv", views.donations_csv, name="donations_csv"),
]
