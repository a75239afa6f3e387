"""A socket of a player's page, speaking the protocol itself: what arrives here is what really travelled."""

import json
import socket
import threading
from contextlib import contextmanager

import uvicorn
from websockets.sync.client import connect

from goodplay.lib import realtime

PATIENCE = 5  # seconds


@contextmanager
def serving():
    """Serve the whole product by a thread of this process; gives the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(
            "goodplay.asgi:application", ws="websockets-sansio", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
            realtime._Live.loop = None


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
