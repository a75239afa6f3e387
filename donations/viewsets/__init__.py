"""Money over REST, by topic."""

from donations.viewsets.allocation import AllocationRequestViewSet, AllocationResultViewSet
from donations.viewsets.batches import BatchListViewSet, BatchViewSet
from donations.viewsets.campaigns import CampaignViewSet, GivingPoolViewSet
from donations.viewsets.giving import DonationViewSet
from donations.viewsets.legacy import UserCreditViewSet, UserWalletViewSet
from donations.viewsets.payments import PaymentListViewSet, PaymentViewSet, SavedMethodViewSet
from donations.viewsets.rates import ConversionRateViewSet
from donations.viewsets.receipts import DonationReceiptViewSet, ReceiptViewSet
from donations.viewsets.recurring import RecurringDonationViewSet
from donations.viewsets.statements import StatementViewSet
from donations.viewsets.taxes import TaxProfileViewSet, TaxViewSet
from donations.viewsets.wallets import AutoDonationViewSet, CreditViewSet, TransactionViewSet, WalletViewSet
from donations.viewsets.webhooks import WebhookViewSet

__all__ = [
    "AllocationRequestViewSet",
    "AllocationResultViewSet",
    "AutoDonationViewSet",
    "BatchListViewSet",
    "BatchViewSet",
    "CampaignViewSet",
    "ConversionRateViewSet",
    "CreditViewSet",
    "DonationReceiptViewSet",
    "DonationViewSet",
    "GivingPoolViewSet",
    "PaymentListViewSet",
    "PaymentViewSet",
    "ReceiptViewSet",
    "RecurringDonationViewSet",
    "SavedMethodViewSet",
    "StatementViewSet",
    "TaxProfileViewSet",
    "TaxViewSet",
    "TransactionViewSet",
    "UserCreditViewSet",
    "UserWalletViewSet",
    "WalletViewSet",
    "WebhookViewSet",
]
