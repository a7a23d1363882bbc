"""No network while the book is built: each Python that it starts reads this, and refuses to leave the machine."""

import ipaddress
import socket
import sys

OWN = {None, "", "localhost", socket.gethostname()}
HOST = {
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
}


def local(host):
    """True for this machine itself."""
    host = host.decode() if isinstance(host, bytes) else host
    try:
        if host in OWN:
            return True
        address = ipaddress.ip_address(host.split("%")[0])
        return address.is_loopback or address.is_unspecified
    except ValueError:
        return False


def refuse(event, args):
    """Raise where a socket would reach another machine; a datagram socket may connect, which sends nothing."""
    if event not in HOST or (event == "socket.connect" and args[0].type == socket.SOCK_DGRAM):
        return
    address = args[HOST[event]]
    if isinstance(address, tuple | str | bytes) and getattr(args[0], "family", None) != socket.AF_UNIX:
        host = address[0] if isinstance(address, tuple) else address
        if not local(host):
            raise PermissionError(f"no network while the book is built, and {host} was asked for")


sys.addaudithook(refuse)
