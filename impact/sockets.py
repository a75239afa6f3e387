"""The live door: players hear what concerns them, everybody hears what concerns all."""

from typing import Any

import socketio
from asgiref.sync import sync_to_async
from rest_framework.exceptions import AuthenticationFailed

from accounts.authentication import StatelessTokenAuthentication, verify_access_token
from goodplay.lib.realtime import room_of


class ImpactNamespace(socketio.AsyncNamespace):
    """With an access token in the handshake (`auth: {token}`) a socket joins its player's room. Without one it hears
    community events only. A token that does not hold is refused, so that nobody waits for events that never come.
    """

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        if token is None:
            return
        await self.enter_room(sid, room_of(await sync_to_async(_player)(token)))


def _player(token: object) -> str:
    """Return the key of the player whose token this is; an ended sign-in is refused like a forged one."""
    try:
        person = StatelessTokenAuthentication().person(verify_access_token(str(token)))
    except AuthenticationFailed as error:
        raise socketio.exceptions.ConnectionRefusedError("unauthorized") from error
    return str(person.pk)
