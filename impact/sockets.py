"""The live door: players hear what concerns them, everybody hears what concerns all."""

import asyncio
from typing import Any

import socketio
from asgiref.sync import sync_to_async
from redis.exceptions import RedisError
from rest_framework.exceptions import AuthenticationFailed

from accounts.authentication import StatelessTokenAuthentication, verify_access_token
from goodplay.lib.realtime import room_of

CHECKED_EVERY = 60.0  # seconds a socket may outlive its sign-in


class ImpactNamespace(socketio.AsyncNamespace):
    """With an access token in the handshake (`auth: {token}`) a socket joins its player's room. Without one it hears
    community events only. A token that does not hold is refused, so that nobody waits for events that never come. A
    socket whose token expired or was signed out meanwhile is disconnected: its page connects anew with a fresh token.
    """

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self._watches: dict[str, asyncio.Task[None]] = {}

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        if token is None:
            return
        await self.enter_room(sid, room_of(await sync_to_async(_player)(token)))
        self._watches[sid] = asyncio.create_task(self._watch(sid, token))

    async def on_disconnect(self, sid: str, reason: str) -> None:
        if watch := self._watches.pop(sid, None):
            watch.cancel()

    async def _watch(self, sid: str, token: object) -> None:
        while await _holds(token):
            await asyncio.sleep(CHECKED_EVERY)
        self._watches.pop(sid, None)  # the disconnection must not cancel the task it runs in
        await self.disconnect(sid)


async def _holds(token: object) -> bool:
    try:
        await sync_to_async(_player)(token)
    except socketio.exceptions.ConnectionRefusedError:
        return False
    except RedisError:
        return True  # nobody can tell now; the next look will
    return True


def _player(token: object) -> str:
    """Return the key of the player whose token this is; an ended sign-in is refused like a forged one."""
    try:
        person = StatelessTokenAuthentication().person(verify_access_token(str(token)))
    except AuthenticationFailed as error:
        raise socketio.exceptions.ConnectionRefusedError("unauthorized") from error
    return str(person.pk)
