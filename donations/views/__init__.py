"""Pages about money, by topic."""

from donations.views.funding import funding, funding_new, funding_request, funding_withdraw
from donations.views.landing import landing
from donations.views.payments import payment_return
from donations.views.payouts import payout, payout_csv, payout_pdf, payouts
from donations.views.receipts import check, check_form
from donations.views.received import donations, donations_csv, overview
from donations.views.tax_communication import tax_communication, tax_communication_csv

__all__ = [
    "check",
    "check_form",
    "donations",
    "donations_csv",
    "funding",
    "funding_new",
    "funding_request",
    "funding_withdraw",
    "landing",
    "overview",
    "payment_return",
    "payout",
    "payout_csv",
    "payout_pdf",
    "payouts",
    "tax_communication",
    "tax_communication_csv",
]
