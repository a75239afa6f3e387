import json

import pytest
import redis

from goodplay.lib.events import delivery, mirror
from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.models import Delivery
from tests.lib.test_events import announce

pytestmark = pytest.mark.django_db
ADDRESS = "redis://127.0.0.1:6379/9"


@pytest.fixture
def stream(settings):
    client = redis.Redis.from_url(ADDRESS, decode_responses=True)
    try:
        client.delete(mirror.STREAM)
    except redis.ConnectionError:
        pytest.skip("needs Redis on 127.0.0.1:6379: .ci/run starts it")
    settings.EVENT_STREAM_URL = ADDRESS
    mirror._stream.cache_clear()
    mirror.register()
    yield client
    del HANDLERS["events.mirror"]
    client.delete(mirror.STREAM)
    mirror._stream().close()
    mirror._stream.cache_clear()
    client.close()


def test_every_event_reaches_the_stream_once(stream, signal):
    event = announce(signal, who="a", amount="1.50")

    for _ in range(2):
        delivery.deliver(event.pk)

    [(_id, entry)] = stream.xrange(mirror.STREAM)
    assert (entry["event_id"], entry["name"]) == (str(event.pk), "test_happened")
    assert json.loads(entry["payload"]) == {"who": "a", "amount": "1.50"}


def test_an_unreachable_stream_delays_nothing_else(stream, settings, signal, handle):
    runs = []

    def works():
        runs.append(1)

    handle(signal, works)
    settings.EVENT_STREAM_URL = "redis://127.0.0.1:1/0"
    mirror._stream.cache_clear()
    event = announce(signal, who="a")

    delivery.deliver(event.pk)

    assert runs == [1]
    assert Delivery.objects.get(handler="events.mirror").status == Delivery.Status.RETRYING
