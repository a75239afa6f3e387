"""The portal pages about people and organisations, by topic."""

from .applicants import apply_confirm, apply_register, apply_unconfirmed
from .application_status import appeal, application, message, withdraw
from .applying import (
    apply,
    begin,
    hand_in,
    money_step,
    organisation_step,
    own_applications,
    people_step,
)
from .applying_papers import paper, paper_remove, papers
from .entrance import apply_sign_in, entrance, sign_in, sign_in_code, sign_out
from .logos import logo, logo_remove
from .organisation import legal_data, public_profile, seat_settings_page
from .passwords import password_change, password_forgotten, password_reset
from .renewing import organisation_papers
from .second_step import second_step, second_step_codes, second_step_off
from .team import (
    invitation,
    invitation_again,
    invitation_withdraw,
    member,
    member_remove,
    team,
    team_invite,
    team_leave,
)

__all__ = [
    "appeal",
    "application",
    "apply",
    "apply_confirm",
    "apply_register",
    "apply_sign_in",
    "apply_unconfirmed",
    "begin",
    "entrance",
    "hand_in",
    "invitation",
    "invitation_again",
    "invitation_withdraw",
    "legal_data",
    "logo",
    "logo_remove",
    "member",
    "member_remove",
    "message",
    "money_step",
    "organisation_papers",
    "organisation_step",
    "own_applications",
    "paper",
    "paper_remove",
    "papers",
    "password_change",
    "password_forgotten",
    "password_reset",
    "people_step",
    "public_profile",
    "seat_settings_page",
    "second_step",
    "second_step_codes",
    "second_step_off",
    "sign_in",
    "sign_in_code",
    "sign_out",
    "team",
    "team_invite",
    "team_leave",
    "withdraw",
]
