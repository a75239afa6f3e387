"""Money over REST, by topic."""

from donations.viewsets.allocation import AllocationRequestViewSet, AllocationResultViewSet
from donations.viewsets.batches import BatchListViewSet, BatchViewSet
from donations.viewsets.campaigns import CampaignViewSet, GivingPoolViewSet
from donations.viewsets.compliance import ComplianceViewSet
from donations.viewsets.compliance_reports import ComplianceReportsViewSet
from donations.viewsets.compliance_scores import ComplianceScoreViewSet
from donations.viewsets.financial import FinancialViewSet
from donations.viewsets.financial_reports import FinancialReportViewSet
from donations.viewsets.giving import DonationViewSet
from donations.viewsets.identity import (
    IdentityDocumentRemovalViewSet,
    IdentityDocumentViewSet,
    IdentityViewSet,
)
from donations.viewsets.legacy import UserCreditViewSet, UserWalletViewSet
from donations.viewsets.payments import PaymentListViewSet, PaymentViewSet, SavedMethodViewSet
from donations.viewsets.rates import ConversionRateViewSet
from donations.viewsets.ratings import RatingViewSet
from donations.viewsets.receipts import DonationReceiptViewSet, ReceiptViewSet
from donations.viewsets.reconciliation import ReconciliationViewSet
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
    "ComplianceReportsViewSet",
    "ComplianceScoreViewSet",
    "ComplianceViewSet",
    "ConversionRateViewSet",
    "CreditViewSet",
    "DonationReceiptViewSet",
    "DonationViewSet",
    "FinancialReportViewSet",
    "FinancialViewSet",
    "GivingPoolViewSet",
    "IdentityDocumentRemovalViewSet",
    "IdentityDocumentViewSet",
    "IdentityViewSet",
    "PaymentListViewSet",
    "PaymentViewSet",
    "RatingViewSet",
    "ReceiptViewSet",
    "ReconciliationViewSet",
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
