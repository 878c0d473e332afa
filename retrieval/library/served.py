"""A client of a Chroma server: it waits so long and no longer, tries again what did not get through, and says what is wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, InvalidArgumentError, NotFoundError

from retrieval.errors import IndexDamaged, ServerDown, SettingsError
from retrieval.settings import Servers

PATIENCE = httpx.Timeout(30.0, connect=5.0)  # seconds
RETRIES = (0.2, 1.0, 3.0)  # seconds before a request is sent once more; each may be sent twice, for all of them say what shall be
BUSY = {429, 500, 502, 503, 504}


def connect(servers: Servers) -> Any:
    """A client of the server in FOOTNOTE_CHROMA_URL: `https://HOST:PORT/TENANT/DATABASE`, the last two where there are some."""
    try:
        parts = urlsplit(servers.chroma_url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 8000)
    except ValueError:
        host, port = None, 0
    tenant, database, *more = [*parts.path.strip("/").split("/"), ""] if parts.path.strip("/") else ["", ""]
    if not host or any(more):
        message = "FOOTNOTE_CHROMA_URL is not the address of a Chroma server."
        raise SettingsError(message, help="It looks like http://HOST:8000, or https://api.trychroma.com/TENANT/DATABASE.")
    secure, headers = parts.scheme == "https", _headers(servers.chroma_token)
    with told(servers.chroma_url):
        with httpx.Client(transport=_Persistent(), timeout=PATIENCE, headers=headers) as probe:  # chromadb's own waits for ever
            probe.get(f"{parts.scheme}://{parts.netloc}/api/v2/heartbeat").raise_for_status()
        client = chromadb.HttpClient(
            host,
            port,
            ssl=secure,
            headers=headers,
            settings=ChromaSettings(anonymized_telemetry=False),
            tenant=tenant or DEFAULT_TENANT,
            database=database or DEFAULT_DATABASE,
        )
        _make_persistent(client)
    return client


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


def _make_persistent(client: Any) -> None:
    """Give a client's requests a limit in time and a second try; chromadb has no public place for either."""
    server = client._server  # noqa: SLF001 - as above
    old = server._session  # noqa: SLF001
    server._session = httpx.Client(transport=_Persistent(), timeout=PATIENCE, headers=old.headers)  # noqa: SLF001
    old.close()


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
