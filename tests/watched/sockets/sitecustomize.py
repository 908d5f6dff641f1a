"""Put before everything else by PYTHONPATH: writes down what this process wants of the network.

The file CASCADE_WATCH gets a line for each call that could reach another machine, of this process and of
all Python processes that it starts, on whatever thread.
"""

import os
import sys

_FILE = os.open(os.environ["CASCADE_WATCH"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
_LOOKUPS = frozenset(
    f"socket.{name}" for name in ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
)


def _hook(event: str, arguments: tuple) -> None:  # type: ignore[type-arg]
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        # Sockets of this machine alone have a path for an address.
        if isinstance(arguments[1], tuple):
            os.write(_FILE, f"{os.getpid()} {event} {arguments[1]}\n".encode())
    elif event in _LOOKUPS:
        os.write(_FILE, f"{os.getpid()} {event} {arguments[:2]}\n".encode())


sys.addaudithook(_hook)
os.write(_FILE, f"{os.getpid()} watched {' '.join(sys.orig_argv[1:])}\n".encode())
