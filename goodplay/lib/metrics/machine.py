"""What the machine says of itself: processor, memory, disk, network. Averages need the state of a minute before."""

import socket
import time
from typing import Any

import psutil
from django.conf import settings
from django.db import connection

from goodplay.lib.metrics.registry import Number

Reading = dict[str, Any]
Figures = dict[str, Number | None]


def reading() -> Reading:
    """Read the counters that only grow; two readings make an average."""
    times, network = psutil.cpu_times(), psutil.net_io_counters()
    idle = times.idle + getattr(times, "iowait", 0.0)
    return {
        "host": socket.gethostname(),
        "booted_at": psutil.boot_time(),
        "read_at": time.time(),
        "cpu_seconds": sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0),
        "idle_seconds": idle,
        "network_bytes": network.bytes_sent + network.bytes_recv if network else None,
    }


def figures(now: Reading, before: Reading | None) -> Figures:
    """Return what is known now; what takes two readings is null after a restart or on another machine."""
    comparable = before if before and before.get("host") == now["host"] else None
    if comparable and abs(comparable.get("booted_at", 0) - now["booted_at"]) > 5:
        comparable = None
    return {
        "cpu_usage": _cpu(now, comparable),
        "memory_usage": psutil.virtual_memory().percent,
        "disk_usage": psutil.disk_usage(str(settings.BASE_DIR)).percent,
        "network_io": _network(now, comparable),
        "server_uptime": round(now["read_at"] - now["booted_at"]),
        "database_connections": _database_connections(),
        "database_response_time": _database_response_ms(),
    }


def _cpu(now: Reading, before: Reading | None) -> float | None:
    if before is None or now["cpu_seconds"] <= before["cpu_seconds"]:
        return None
    passed = now["cpu_seconds"] - before["cpu_seconds"]
    busy = passed - (now["idle_seconds"] - before["idle_seconds"])
    return round(min(max(100 * busy / passed, 0.0), 100.0), 2)


def _network(now: Reading, before: Reading | None) -> int | None:
    """Return bytes a second, both ways."""
    if before is None or now["network_bytes"] is None or before.get("network_bytes") is None:
        return None
    passed = now["read_at"] - before["read_at"]
    moved = now["network_bytes"] - before["network_bytes"]
    return round(moved / passed) if passed > 0 and moved >= 0 else None


def _database_connections() -> int | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _database_response_ms() -> float:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return round((time.perf_counter() - started) * 1000, 3)
