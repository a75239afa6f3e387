"""Say what this machine lacks for `make`, in words. Runs on any Python, so it is written for old ones too.

check_machine.py            a Python that can build the virtual environment
check_machine.py HOST PORT  an address that is free as well
"""

# ruff: noqa: UP030, UP032  (old Pythons must be able to read this file)

import socket
import sys

OLDEST = (3, 11)


def python_problem():
    found = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info < OLDEST:
        return (
            "GoodPlay needs Python 3.11 or newer; {0} is Python {1}.\n"
            "Install a newer one, or name it: make PYTHON=/path/to/python3.11"
        ).format(sys.executable, found)
    try:
        import ensurepip  # noqa: F401, PLC0415  (only asked whether it is there)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return (
            "This Python {0} cannot create virtual environments: its venv module is missing.\n"
            "On Debian and Ubuntu: apt install python{0}-venv"
        ).format(found)
    return None


def address_problem(host, port):
    if not port.isdigit() or not 0 < int(port) < 65536:
        return "PORT is a number from 1 to 65535, not {0}.".format(port)
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((host, int(port)))
    except OSError as error:
        return (
            "Cannot listen on {0}:{1} ({2}).\nStop what runs there, or choose another port: make run PORT={3}"
        ).format(host, port, error.strerror, int(port) % 65535 + 1)
    finally:
        probe.close()
    return None


if __name__ == "__main__":
    problem = python_problem() or (address_problem(*sys.argv[1:3]) if len(sys.argv) > 2 else None)
    if problem:
        sys.exit("\n" + problem + "\n")
