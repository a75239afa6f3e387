"""What concerns staff: coming in by the back office's door."""

from accounts.models import User
from accounts.operations import sign_in


def enter(*, email: str, password: str) -> User:
    """Recognise a member of staff; whoever is none is told what a wrong password is told."""
    user = sign_in.recognise(email=email, password=password)
    if not user.is_staff:
        raise sign_in.InvalidCredentials
    return user
