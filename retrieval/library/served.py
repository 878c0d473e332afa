"""Chunk vectors on a Chroma server: its client waits so long and no longer, tries again, and says what is wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
from chromadb.api import ServerAPI
from chromadb.api.client import Client
from chromadb.auth.utils import maybe_set_tenant_and_database
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, System
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, InvalidArgumentError, NotFoundError

from retrieval.errors import IndexDamaged, ServerDown, SettingsError
from retrieval.library.vectors import BESIDE, VectorIndex
from retrieval.settings import Servers

PATIENCE = httpx.Timeout(30.0, connect=5.0)  # seconds
RETRIES = (0.2, 1.0, 3.0)  # seconds before a request is sent once more; each may be sent twice, for all of them say what shall be
BUSY = {429, 500, 502, 503, 504}


class ServedVectors(VectorIndex):
    """A vector index on a Chroma server or in Chroma Cloud, in a collection that only this edition of the library has.

    What another host has written is there at once, so nothing has to be opened anew. The caller lets one host write at a time.
    """

    batch = 250  # Chroma Cloud takes 300

    def __init__(self, servers: Servers, uid: str, dimension: int) -> None:
        super().__init__(Path(), dimension, f"footnote-{uid}")
        self._servers = servers

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            disconnect(self._client)
        self._client = self._collection = None

    def is_of(self, uid: str) -> bool:
        """Whether the collection is that of a catalogue."""
        return self.name == f"footnote-{uid}"

    def reset(self) -> None:
        """Begin again with an empty collection."""
        self.drop()
        self.open()

    def drop(self) -> None:
        """Remove the collection from the server."""
        with self._told():
            if self._client is None:
                self._connect()
            self._delete(self.name, self.name + BESIDE)
        self.close()

    def ids(self) -> list[str]:
        """All ids in the collection, asked for in pages."""
        found: list[str] = []
        with self._told():
            while page := self._collection.get(include=[], limit=self.batch, offset=len(found))["ids"]:
                found += page
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say by IndexDamaged that the collection is gone or another, and by ServerDown that there is no telling."""
        with told(self._servers.chroma_url):
            try:
                yield
            except (NotFoundError, InvalidArgumentError) as error:
                raise IndexDamaged(self.name) from error

    def _connect(self) -> None:
        self._client = connect(self._servers)

    def _folders(self) -> list[Path]:
        return []

    def _files(self) -> int:
        return 0


def connect(servers: Servers) -> Any:
    """A client of the server in FOOTNOTE_CHROMA_URL: `https://HOST:PORT/TENANT/DATABASE`, the last two where there are some."""
    parts = _parts(servers.chroma_url)
    tenant, database, *_ = [*parts.path.strip("/").split("/"), "", ""]
    with told(servers.chroma_url):
        client = _client(parts, _headers(servers.chroma_token))
        try:
            _settle(client, tenant or DEFAULT_TENANT, database or DEFAULT_DATABASE)
        except BaseException:
            client.close()
            raise
    return client


def disconnect(client: Any) -> None:
    """Close every connection of a client."""
    client.close()


def _client(parts: SplitResult, headers: dict[str, str]) -> Any:
    """A client of chromadb's with a limit in time and a second try for each request, which has no public place for either.

    It is put together without its constructor, which would ask the server and wait for ever.
    """
    settings = ChromaSettings(
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.fastapi.FastAPI",
        chroma_server_host=str(parts.hostname),
        chroma_server_http_port=parts.port or (443 if parts.scheme == "https" else 8000),
        chroma_server_ssl_enabled=parts.scheme == "https",
        chroma_server_headers=headers,
    )
    kind: Any = ServerAPI
    server = System(settings).instance(kind)
    old = server._session  # noqa: SLF001 - as above
    server._session = httpx.Client(transport=_Persistent(), timeout=PATIENCE, headers=old.headers)  # noqa: SLF001
    old.close()
    client: Any = Client.__new__(Client)
    client._server, client._closed, client.close = server, True, server._session.close  # noqa: SLF001
    return client


def _settle(client: Any, tenant: str, database: str) -> None:
    """See that the server is there, and where on it the collections are: a token may be good for one place only."""
    server = client._server  # noqa: SLF001 - as above
    server._session.get(f"{server.get_api_url()}/heartbeat").raise_for_status()  # noqa: SLF001
    found = maybe_set_tenant_and_database(
        server.get_user_identity(),
        overwrite_singleton_tenant_database_access_from_auth=False,
        user_provided_tenant=tenant,
        user_provided_database=database,
    )
    client.tenant, client.database = found[0] or tenant, found[1] or database
    try:
        server.get_database(client.database, tenant=client.tenant)
    except NotFoundError as error:
        message = "FOOTNOTE_CHROMA_URL names a tenant or a database that the Chroma server does not have."
        raise SettingsError(message, help="Correct it: https://HOST:PORT/TENANT/DATABASE.") from error


def _parts(url: str) -> SplitResult:
    """The parts of an address, which is one of a Chroma server; raises SettingsError."""
    message = "FOOTNOTE_CHROMA_URL is not the address of a Chroma server."
    help_line = "It looks like http://HOST:8000, or https://api.trychroma.com/TENANT/DATABASE."
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError(message, help=help_line) from None
    if parts.username is not None:
        message = "FOOTNOTE_CHROMA_URL has a password in it, which would be shown."
        raise SettingsError(message, help="Name the server alone, and put its token into FOOTNOTE_CHROMA_TOKEN.")
    if not parts.hostname or parts.path.strip("/").count("/") > 1:
        raise SettingsError(message, help=help_line)
    return parts


@contextmanager
def told(url: str) -> Iterator[None]:
    """Say by ServerDown what a server does not do; what tells of the collection itself goes through."""
    try:
        yield
    except (NotFoundError, InvalidArgumentError, IndexDamaged, ServerDown):
        raise
    except httpx.TransportError as error:
        reason = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        raise _down(url, reason) from error
    except httpx.HTTPStatusError as error:
        raise _down(url, f"answers {error.response.status_code}") from error
    except ChromaError as error:
        raise _down(url, f"refuses ({error.name()})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _down(url, "answers in a way that no Chroma server does") from error
    except Exception as error:  # chromadb raises that very class for an answer that is no JSON, such as a proxy's
        if type(error) is not Exception:
            raise
        raise _down(url, "answers with an error") from error


def _down(url: str, reason: str) -> ServerDown:
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    help_line = "See whether it is up, and whether FOOTNOTE_CHROMA_URL and FOOTNOTE_CHROMA_TOKEN are right."
    return ServerDown(f"The Chroma server at {where} {reason}.", help=help_line)


def _headers(token: str) -> dict[str, str]:
    """What proxies and Chroma Cloud know a client by."""
    return {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}


class _Persistent(httpx.BaseTransport):
    """Sends a request again, a few times, when it has not got through or the server is busy."""

    def __init__(self) -> None:
        self._transport = httpx.HTTPTransport(verify=httpx.create_ssl_context())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request whose body can be sent again."""
        request.read()
        for pause in RETRIES:
            try:
                response = self._transport.handle_request(request)
                if response.status_code not in BUSY:
                    return response
                response.close()
            except httpx.TimeoutException:
                raise
            except httpx.TransportError:
                pass
            time.sleep(pause)
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()
