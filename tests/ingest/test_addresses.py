"""No spelling of an address that may not be reached is connected to."""

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spellings import IPV4, IPV6, NETWORKS, PUBLIC, ipv4, ipv6, urls

from ingest.addresses import resolve
from ingest.fetch import Fetcher
from retrieval.errors import SourceError

FORBIDDEN = st.sampled_from(NETWORKS).flatmap(
    lambda network: st.integers(0, network.num_addresses - 1).map(lambda number: network.network_address + number)
)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses to which a connection was tried, of which none is opened."""
    tried: list[str] = []

    def refuse(_: Any, host: str, *__: Any, **___: Any) -> Any:
        import httpcore

        tried.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", refuse)
    look_up = socket.getaddrinfo

    def only_literals(host: Any, port: Any, *_: Any, **__: Any) -> Any:
        return look_up(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", only_literals)
    return tried


def test_every_spelling(connected: list[str]) -> None:
    """None of hundreds of spellings leads to a connection, and each is explained."""
    with Fetcher(gap_seconds=0) as fetcher:
        for url in urls():
            with pytest.raises(SourceError) as error:
                fetcher.get(url)
            assert error.value.help
    assert not connected


def test_allowed_loopback_opens_nothing_else(connected: list[str]) -> None:
    """Where loopback is opened, all other addresses are as closed as before."""
    with Fetcher(allow_loopback=True) as fetcher:
        for address in (each for each in IPV4 + IPV6 if not ipaddress.ip_address(each).is_loopback):
            host = next(ipv6(address)) if ":" in address else next(ipv4(address))
            with pytest.raises(SourceError):
                fetcher.get(f"http://{host}/")
    assert not connected


def test_public_address(connected: list[str]) -> None:
    """A public address is connected to."""
    with Fetcher(gap_seconds=0) as fetcher:
        for host in (PUBLIC, "[2606:4700::1111]", "[64:ff9b::5db8:d70e]", f"[::ffff:{PUBLIC}]"):
            with pytest.raises(SourceError, match="cannot be reached"):
                fetcher.get(f"http://{host}:8080/")
    assert {PUBLIC, "2606:4700::1111"} <= set(connected)


@settings(max_examples=150, deadline=None)
@given(FORBIDDEN, st.data())
def test_any_forbidden_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address, data: st.DataObject) -> None:
    """Any spelling that this system understands of any address in a closed network is refused, or stands for a public one."""
    spelt = list(ipv4(str(address)) if address.version == 4 else ipv6(str(address)))
    host = data.draw(st.sampled_from(spelt)).removesuffix(":80").strip("[]").replace("%25", "%")

    try:
        found = resolve(host, 80, allow_loopback=False, seconds=5)
    except SourceError:
        return
    # Some read 010.0.0.1 as 8.0.0.1, as do we; what is connected to counts.
    assert not [each for each in found for network in NETWORKS if ipaddress.ip_address(each) in network]


@settings(max_examples=80, deadline=None)
@given(st.lists(FORBIDDEN | st.just(ipaddress.ip_address(PUBLIC)), min_size=1, max_size=4))
def test_every_address_of_a_name(addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> None:
    """A name is refused when one of its addresses is, wherever among them it stands."""
    found = [(0, 0, 0, "", (str(address), 80)) for address in addresses]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        if {str(address) for address in addresses} == {PUBLIC}:
            assert resolve("ferry.example", 80, allow_loopback=False, seconds=5) == [PUBLIC]
        else:
            with pytest.raises(SourceError):
                resolve("ferry.example", 80, allow_loopback=False, seconds=5)
