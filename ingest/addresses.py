"""Which addresses a page may be fetched from: public ones only, and loopback when the person allows it."""

import ipaddress
import socket
import threading
from urllib.parse import urlsplit

from retrieval.errors import SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # carries an IPv4 address in its last 32 bits, which is where packets end up
PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")  # all that is given out; site-local, unique local and other kinds lie outside
# Python calls these public, or did in some version: tunnels hide where they end, the others are no place of pages.
CLOSED = [
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # the metadata service of a cloud
        "192.0.0.0/24",  # protocol assignments, with the metadata service of another
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # entries to 6to4
        "192.175.48.0/24",
        "2001::/23",  # protocol assignments, with Teredo and ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]
ISATAP = {0x0000_5EFE, 0x0200_5EFE}  # before an IPv4 address in the lower half of an IPv6 one: a tunnel, too
LOWEST_FREE_PORT = 1024  # below it programs of the system listen, of which only two serve pages
WEB_PORTS = {80, 443}
# Above it, those at which browsers fetch nothing either: other programs would take a request for orders.
OTHER_PORTS = {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6679, 6697, 10080, 11211}
OTHER_PORTS |= set(range(6665, 6670))


def check_url(url: str) -> None:
    """Raise SourceError when the text is no plain web address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise not_an_address()
    if "@" in parts.netloc:
        message = "The address holds a user name or a password, which is not sent anywhere."
        raise SourceError(message, help="Save the page and give the file.")


def not_an_address() -> SourceError:
    """Say that a text is no address of a page."""
    message = "The address is not a web address that can be fetched."
    return SourceError(message, help="Give one that starts with http:// or https://.")


def resolve(host: str, port: int, *, allow_loopback: bool, seconds: float) -> list[str]:
    """Look the host name up once and return its addresses; raise SourceError when one of them may not be reached."""
    addresses = _look_up(host, port, seconds)
    meanings = [_meaning(address) for address in addresses]
    if any(meaning.is_loopback for meaning in meanings) and not allow_loopback:
        message = f"The address {host} leads to this computer, from which nothing is fetched."
        raise SourceError(message, help="Set FOOTNOTE_ALLOW_LOOPBACK=true if that is intended, or save the page.")
    elsewhere = [meaning for meaning in meanings if not meaning.is_loopback]
    if not all(map(_is_public, elsewhere)):
        message = f"The address {host} leads into a private network, from which nothing is fetched."
        raise SourceError(message, help="Save the page and give the file instead.")
    if elsewhere and (port in OTHER_PORTS or (port < LOWEST_FREE_PORT and port not in WEB_PORTS)):
        message = f"At port {port} no web pages are served."
        raise SourceError(message, help="Give the address without a port, or save the page and give the file.")
    return addresses


def is_loopback_name(host: str) -> bool:
    """Whether a host is this computer by its name alone."""
    try:
        return _meaning(host.strip("[]")).is_loopback
    except ValueError:
        return host.rstrip(".") == "localhost"


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name; in a thread, for the system asks slow name servers for as long as it likes."""
    found: list[str] = []

    def ask() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, ValueError):
            return
        found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive() or not found:
        message = f"The site {host} cannot be found."
        raise SourceError(message, help="Check the address and the network connection.")
    return list(found)


def _meaning(address: str) -> Address:
    """Return the address that packets really go to."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed in NAT64:
            behind = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
            return behind if _is_public(behind) else parsed  # the loopback of a gateway is not ours
        return parsed.ipv4_mapped or parsed
    return parsed


def _is_public(address: Address) -> bool:
    """Whether the address is one that everybody can reach, and not the entry of a tunnel, which hides where it ends."""
    if isinstance(address, ipaddress.IPv6Address) and (address not in PUBLIC_IPV6 or int(address) >> 32 & 0xFFFFFFFF in ISATAP):
        return False
    closed = address.is_multicast or address.is_reserved or any(address in network for network in CLOSED)
    return address.is_global and not closed
