"""Portal pages about people. `overview` without an organisation leads to the reader's own, or to the choice."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.entrance, name="overview"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.sign_in_code, name="sign_in_code"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("apply/", views.apply, name="apply"),
    path("apply/sign-in/", views.apply_sign_in, name="apply_sign_in"),
    path("apply/register/", views.apply_register, name="apply_register"),
    path("apply/confirm/", views.apply_unconfirmed, name="apply_unconfirmed"),
    path("apply/confirm/<str:token>/", views.apply_confirm, name="apply_confirm"),
    path("apply/own/", views.own_applications, name="applications"),
    path("apply/new/", views.begin, name="apply_new"),
    path("apply/<uuid:application_id>/", views.application, name="application"),
    path("apply/<uuid:application_id>/organisation/", views.organisation_step, name="apply_organisation"),
    path("apply/<uuid:application_id>/people/", views.people_step, name="apply_people"),
    path("apply/<uuid:application_id>/money/", views.money_step, name="apply_money"),
    path("apply/<uuid:application_id>/documents/", views.papers, name="apply_papers"),
    path("apply/<uuid:application_id>/documents/<uuid:document_id>/", views.paper, name="apply_paper"),
    path(
        "apply/<uuid:application_id>/documents/<uuid:document_id>/remove/",
        views.paper_remove,
        name="apply_paper_remove",
    ),
    path("apply/<uuid:application_id>/hand-in/", views.hand_in, name="apply_hand_in"),
    path("apply/<uuid:application_id>/message/", views.message, name="application_message"),
    path("apply/<uuid:application_id>/withdraw/", views.withdraw, name="application_withdraw"),
    path("apply/<uuid:application_id>/appeal/", views.appeal, name="application_appeal"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("<uuid:onlus_id>/profile/", views.public_profile, name="public_profile"),
    path("<uuid:onlus_id>/profile/logo/", views.logo, name="logo"),
    path("<uuid:onlus_id>/profile/logo/remove/", views.logo_remove, name="logo_remove"),
    path("<uuid:onlus_id>/legal-data/", views.legal_data, name="legal_data"),
    path("<uuid:onlus_id>/settings/second-step/", views.second_step, name="second_step"),
    path("<uuid:onlus_id>/settings/second-step/codes/", views.second_step_codes, name="second_step_codes"),
    path("<uuid:onlus_id>/settings/second-step/off/", views.second_step_off, name="second_step_off"),
    path("<uuid:onlus_id>/settings/", views.seat_settings_page, name="settings"),
    path("<uuid:onlus_id>/team/", views.team, name="team"),
    path("<uuid:onlus_id>/team/invite/", views.team_invite, name="team_invite"),
    path("<uuid:onlus_id>/team/leave/", views.team_leave, name="team_leave"),
    path("<uuid:onlus_id>/team/<uuid:member_id>/", views.member, name="member"),
    path("<uuid:onlus_id>/team/<uuid:member_id>/remove/", views.member_remove, name="member_remove"),
    path(
        "<uuid:onlus_id>/team/invitations/<uuid:invitation_id>/again/",
        views.invitation_again,
        name="invitation_again",
    ),
    path(
        "<uuid:onlus_id>/team/invitations/<uuid:invitation_id>/withdraw/",
        views.invitation_withdraw,
        name="invitation_withdraw",
    ),
]
