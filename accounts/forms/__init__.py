"""Forms about people and organisations, by topic."""

from .logos import LogoForm
from .organisation import LegalDataForm, ProfileForm, SeatSettingsForm, profile_of
from .people import LoanForm, RoleForm, SignInForm, StaffPasswordForm, StaffSignInForm
from .team import CodeForm, InvitationForm, NewMemberForm, ProofForm, SeatRoleForm

__all__ = [
    "CodeForm",
    "InvitationForm",
    "LegalDataForm",
    "LoanForm",
    "LogoForm",
    "NewMemberForm",
    "ProfileForm",
    "ProofForm",
    "RoleForm",
    "SeatRoleForm",
    "SeatSettingsForm",
    "SignInForm",
    "StaffPasswordForm",
    "StaffSignInForm",
    "profile_of",
]
