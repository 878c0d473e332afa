"""A Chroma server behind TLS and a token, and one that is down, slow or hangs: a sentence in time, with no secret in it."""

import datetime
import ipaddress
import ssl
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from proxies import ChromaProxy

from retrieval import FootnoteError, Servers, SettingsError
from retrieval.errors import ServerDown
from retrieval.library import served
from retrieval.library.records import Mark
from retrieval.library.served import ServedVectors

TOKEN = "ck-xyzzy"  # noqa: S105 - of a server that is made here


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are given less time."""
    monkeypatch.setattr(served, "PATIENCE", httpx.Timeout(1.0))
    monkeypatch.setattr(served, "RETRIES", (0.05,))


def use(url: str, token: str = "") -> list[str]:
    """Write a vector and find it."""
    index, vector = ServedVectors(Servers(url, token), "tests-of-servers", 3), np.eye(1, 3, dtype=np.float32)[0]
    try:
        index.reset()
        index.apply({"one": vector}, [], Mark("uid", 1))
        found = index.search(vector, 5)
        index.drop()
    finally:
        index.close()
    return found


def trouble(url: str, token: str = "") -> FootnoteError:
    """What is said when it cannot be used."""
    with pytest.raises(FootnoteError) as raised:
        use(url, token)
    assert TOKEN not in f"{raised.value}{raised.value!r}{raised.value.__cause__!r}{raised.value.__context__!r}"
    return raised.value


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for this machine, signed by itself, and the file that makes a client trust it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    day, now = datetime.timedelta(days=1), datetime.datetime.now(datetime.UTC)
    places = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    builder = builder.add_extension(places, critical=False).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    own = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "own.pem").write_bytes(own)
    (folder / "both.pem").write_bytes(private + own)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context, folder / "own.pem"


def test_tls_and_token(chroma_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who trusts the server's certificate and has its token can use it; who has neither is told so in a sentence."""
    tls, trusted = certificate(tmp_path)
    with ChromaProxy(chroma_server, token=TOKEN, tls=tls) as proxy:
        assert "cannot be reached" in trouble(proxy.url, TOKEN).message
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert use(proxy.url, TOKEN) == ["one"]
        assert f"The Chroma server at {proxy.url.removeprefix('https://')} answers 401." == trouble(proxy.url, "wrong").message
        assert "FOOTNOTE_CHROMA_TOKEN" in trouble(proxy.url).help


@pytest.mark.parametrize("stalls", ["", "heartbeat", "auth", "databases", "upsert", "query"])
def test_a_server_that_hangs(chroma_server: str, stalls: str) -> None:
    """Wherever it stops to answer, whoever asks is told in time; afterwards it can be used."""
    with ChromaProxy(chroma_server) as proxy:
        proxy.stalls = stalls
        begun = time.monotonic()
        assert "did not answer in time" in trouble(proxy.url).message
        assert time.monotonic() - begun < 5
        proxy.stalls = "nothing"
        assert use(proxy.url) == ["one"]


def test_a_server_that_is_down() -> None:
    """It is told after a few attempts."""
    raised = trouble("http://127.0.0.1:1")
    assert isinstance(raised, ServerDown)
    assert raised.message == "The Chroma server at 127.0.0.1:1 cannot be reached."


@pytest.mark.parametrize(
    "address", [f"http://ada:{TOKEN}@127.0.0.1:1", "http://", "http://h:port", "http://h/a/b/c", "http://[::1"]
)
def test_wrong_addresses(address: str) -> None:
    """An address that is none, or holds a secret, is told in a sentence without it."""
    assert isinstance(trouble(address), SettingsError)
