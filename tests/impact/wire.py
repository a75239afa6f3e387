"""A socket of a player's page, speaking the protocol itself: what arrives here is what really travelled."""

import json

from websockets.sync.client import connect

PATIENCE = 5  # seconds


def calling(port):
    """Open a connection; a context manager."""
    address = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    return connect(address, open_timeout=PATIENCE)


class Page:
    """One open page. `welcome` is the namespace's answer to the handshake."""

    def __init__(self, connection, auth=None):
        self.connection = connection
        connection.recv(timeout=PATIENCE)  # the transport's own greeting
        connection.send("40/impact," + ("" if auth is None else json.dumps(auth)))
        self.welcome = self.packet()

    @property
    def is_connected(self):
        return self.welcome.startswith("40/impact,")

    @property
    def refusal(self):
        return json.loads(self.welcome.removeprefix("44/impact,"))["message"]

    def packet(self):
        while (packet := self.connection.recv(timeout=PATIENCE)) == "2":
            self.connection.send("3")  # the server asks whether we are still there
        return packet

    def event(self, *, besides=()):
        """Wait for the next event and return its name and data; those named in `besides` are let pass."""
        name, data = json.loads(self.packet().removeprefix("42/impact,"))
        return self.event(besides=besides) if name in besides else (name, data)
