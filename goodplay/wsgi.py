"""The API, admin and portal for a WSGI server (production: granian)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodplay.settings")

application = get_wsgi_application()
