"""Which addresses a page may be fetched from: public ones only, and loopback when the person allows it."""

import ipaddress
import socket
from urllib.parse import urlsplit

from retrieval.errors import SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # carries an IPv4 address in its last 32 bits, which is where packets end up


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


def resolve(host: str, port: int, *, allow_loopback: bool) -> list[str]:
    """Look the host name up once and return its addresses; raise SourceError when one of them may not be reached."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        message = f"The site {host} cannot be found."
        raise SourceError(message, help="Check the address and the network connection.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        meaning = _meaning(address)
        if meaning.is_loopback and not allow_loopback:
            message = f"The address {host} leads to this computer, from which nothing is fetched."
            raise SourceError(message, help="Set FOOTNOTE_ALLOW_LOOPBACK=true if that is intended, or save the page.")
        if not meaning.is_loopback and not _is_public(meaning):
            message = f"The address {host} leads into a private network, from which nothing is fetched."
            raise SourceError(message, help="Save the page and give the file instead.")
    return addresses


def _meaning(address: str) -> Address:
    """Return the address that packets really go to."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed in NAT64:
            return ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        return parsed.ipv4_mapped or parsed
    return parsed


def _is_public(address: Address) -> bool:
    """Whether the address is reachable for everybody; tunnels (6to4, Teredo) are not, for they hide where they end."""
    tunnel = isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.teredo)
    return address.is_global and not (address.is_multicast or address.is_reserved or tunnel)
