"""Socket.IO in front of Django: the whole product in one process, or the sockets alone beside WSGI workers."""

import os
from typing import Any

import socketio
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodplay.settings")
django_application: Any = get_asgi_application()

from goodplay.lib.realtime import attach_loop, server  # noqa: E402  (needs the settings above)
from impact.sockets import ImpactNamespace  # noqa: E402  (needs the apps loaded above)

server.register_namespace(ImpactNamespace("/impact"))
application = socketio.ASGIApp(server, other_asgi_app=django_application, on_startup=attach_loop)
