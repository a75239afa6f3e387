"""Pages about money, by topic."""

from donations.views.bank_account import bank_account, bank_account_withdraw
from donations.views.compliance import compliance
from donations.views.funding import funding, funding_new, funding_request, funding_withdraw
from donations.views.landing import landing
from donations.views.payments import payment_return
from donations.views.payouts import payout, payout_csv, payout_pdf, payouts
from donations.views.receipts import check, check_form
from donations.views.received import donations, donations_csv, overview
from donations.views.summaries import summaries, summary, summary_ask, summary_csv, summary_excel, summary_pdf
from donations.views.tax_communication import tax_communication, tax_communication_csv

__all__ = [
    "bank_account",
    "bank_account_withdraw",
    "check",
    "check_form",
    "compliance",
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
    "summaries",
    "summary",
    "summary_ask",
    "summary_csv",
    "summary_excel",
    "summary_pdf",
    "tax_communication",
    "tax_communication_csv",
]
