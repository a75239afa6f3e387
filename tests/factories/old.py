"""What an old Flask installation kept."""

import hashlib


def werkzeug_hash(password, salt="Fl4skS4ltFl4skS4", cost=(32768, 8, 1)):
    """Hash as Werkzeug does."""
    n, r, p = cost
    digest = hashlib.scrypt(
        password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=132 * n * r * p, dklen=64
    )
    return f"scrypt:{n}:{r}:{p}${salt}${digest.hex()}"
