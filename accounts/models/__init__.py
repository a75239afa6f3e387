from .onlus import Onlus, OnlusCategory, OnlusMembership
from .preferences import Preferences
from .sign_in import LoginSession, OneTimeToken
from .user import User

__all__ = ["LoginSession", "OneTimeToken", "Onlus", "OnlusCategory", "OnlusMembership", "Preferences", "User"]
