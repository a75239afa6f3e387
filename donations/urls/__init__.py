"""Routes of money, by topic. Fixed words stand before keys: a donation's own route comes last."""

from donations.urls import (
    allocation,
    batches,
    campaigns,
    giving,
    payments,
    rates,
    receipts,
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
    *giving.urlpatterns,
]
