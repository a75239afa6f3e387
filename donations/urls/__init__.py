"""Routes of money, by topic. Fixed words stand before keys: a donation's own route comes last."""

from donations.urls import (
    allocation,
    batches,
    campaigns,
    compliance,
    compliance_scores,
    financial,
    financial_reports,
    giving,
    identity,
    payments,
    rates,
    ratings,
    receipts,
    reconciliation,
    recurring,
    wallets,
)

urlpatterns = [
    *wallets.urlpatterns,
    *rates.urlpatterns,
    *payments.urlpatterns,
    *campaigns.urlpatterns,
    *recurring.urlpatterns,
    *receipts.urlpatterns,
    *batches.urlpatterns,
    *allocation.urlpatterns,
    *compliance.urlpatterns,
    *compliance_scores.urlpatterns,
    *financial.urlpatterns,
    *financial_reports.urlpatterns,
    *reconciliation.urlpatterns,
    *identity.urlpatterns,
    *ratings.urlpatterns,
    *giving.urlpatterns,
]
