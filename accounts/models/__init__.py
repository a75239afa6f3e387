from .addresses import AddressBlock, AddressRule
from .applications import (
    ApplicationAppeal,
    ApplicationMessage,
    ApplicationStep,
    ApprovalCondition,
    BlockedAddress,
    OnlusApplication,
    RiskLevel,
)
from .bulk import BulkAction
from .documents import OnlusDocument
from .notifications import Announcement, Notification
from .onlus import DirectoryTotals, Onlus, OnlusCategory
from .preferences import Preferences
from .sign_in import LoginSession, OneTimeToken
from .staff import RecoveryCode, SavedFilter, SecondFactor, StaffLock, StaffSession, TemporaryGrant
from .team import OnlusInvitation, OnlusMembership
from .user import User
from .verification import VerificationCheck

__all__ = [
    "AddressBlock",
    "AddressRule",
    "Announcement",
    "ApplicationAppeal",
    "ApplicationMessage",
    "ApplicationStep",
    "ApprovalCondition",
    "BlockedAddress",
    "BulkAction",
    "DirectoryTotals",
    "LoginSession",
    "Notification",
    "OneTimeToken",
    "Onlus",
    "OnlusApplication",
    "OnlusCategory",
    "OnlusDocument",
    "OnlusInvitation",
    "OnlusMembership",
    "Preferences",
    "RecoveryCode",
    "RiskLevel",
    "SavedFilter",
    "SecondFactor",
    "StaffLock",
    "StaffSession",
    "TemporaryGrant",
    "User",
    "VerificationCheck",
]
