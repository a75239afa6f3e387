"""Portal pages about money, each under the organisation it is about."""

from django.urls import path

from donations import views

urlpatterns = [
    path("<uuid:onlus_id>/", views.overview, name="overview"),
    path("<uuid:onlus_id>/bank-account/", views.bank_account, name="bank_account"),
    path(
        "<uuid:onlus_id>/bank-account/<uuid:account_id>/withdraw/",
        views.bank_account_withdraw,
        name="bank_account_withdraw",
    ),
    path("<uuid:onlus_id>/compliance/", views.compliance, name="compliance"),
    path("<uuid:onlus_id>/donations/", views.donations, name="donations"),
    path("<uuid:onlus_id>/donations.csv", views.donations_csv, name="donations_csv"),
    path("<uuid:onlus_id>/funding/", views.funding, name="funding"),
    path("<uuid:onlus_id>/funding/new/", views.funding_new, name="funding_new"),
    path("<uuid:onlus_id>/funding/<uuid:request_id>/", views.funding_request, name="funding_request"),
    path(
        "<uuid:onlus_id>/funding/<uuid:request_id>/withdraw/", views.funding_withdraw, name="funding_withdraw"
    ),
    path("<uuid:onlus_id>/payouts/", views.payouts, name="payouts"),
    path("<uuid:onlus_id>/payouts/<uuid:payout_id>/", views.payout, name="payout"),
    path("<uuid:onlus_id>/payouts/<uuid:payout_id>.csv", views.payout_csv, name="payout_csv"),
    path("<uuid:onlus_id>/payouts/<uuid:payout_id>.pdf", views.payout_pdf, name="payout_pdf"),
    path("<uuid:onlus_id>/summaries/", views.summaries, name="summaries"),
    path("<uuid:onlus_id>/summaries/ask/", views.summary_ask, name="summary_ask"),
    path("<uuid:onlus_id>/summaries/<uuid:report_id>/", views.summary, name="summary"),
    path("<uuid:onlus_id>/summaries/<uuid:report_id>.csv", views.summary_csv, name="summary_csv"),
    path("<uuid:onlus_id>/summaries/<uuid:report_id>.pdf", views.summary_pdf, name="summary_pdf"),
    path("<uuid:onlus_id>/summaries/<uuid:report_id>.xlsx", views.summary_excel, name="summary_excel"),
    path("<uuid:onlus_id>/tax-communication/", views.tax_communication, name="tax_communication"),
    path("<uuid:onlus_id>/tax-communication.csv", views.tax_communication_csv, name="tax_communication_csv"),
]
