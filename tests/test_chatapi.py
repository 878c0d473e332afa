"""The chat servers that other tests stand on do what they promise, with the real clients."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator

import httpx
import ollama
import openai
import pytest
from chatapi.ollama import OllamaServer
from chatapi.replies import cut, empty, endless, error, garbage, hang, refusal, text
from chatapi.server import ChatServer
from chatapi.service import Service
from langchain_core.language_models import BaseChatModel
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI

WORDS = "The ferry has run since 1911."
SERVERS = {"openai": ChatServer, "ollama": OllamaServer}
FAILURES = (openai.OpenAIError, ollama.ResponseError, httpx.HTTPError, ConnectionError, ValueError)


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Service]:
    """One server after the other."""
    with SERVERS[request.param]() as running:
        yield running


def client(server: Service, *, seconds: float = 5, **more: object) -> BaseChatModel:
    """The real client of a server."""
    if isinstance(server, ChatServer):
        more = {"model": "scripted", "api_key": "sk-tests", "max_completion_tokens": 500, **more}
        return ChatOpenAI(base_url=server.url, timeout=seconds, max_retries=0, stream_usage=True, **more)
    return ChatOllama(base_url=server.url, model="scripted", num_predict=500, client_kwargs={"timeout": seconds}, **more)


def said(server: Service, **more: object) -> str:
    """What the client makes of a streamed answer."""
    return "".join(chunk.text for chunk in client(server, **more).stream([("system", "Be brief."), ("human", "Since when?")]))


def test_stream(server: Service) -> None:
    """A good answer comes word by word with its reason and its usage, and the request is written down."""
    server.script(text(WORDS, usage=(12, 7)))

    chunks = list(client(server).stream([("system", "Be brief."), ("human", "Since when?")]))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk

    assert WORDS == whole.text
    assert len([chunk for chunk in chunks if chunk.text]) == 6
    assert (12, 7) == (whole.usage_metadata["input_tokens"], whole.usage_metadata["output_tokens"])
    assert "stop" in {whole.response_metadata.get("finish_reason"), whole.response_metadata.get("done_reason")}
    (request,) = server.requests
    assert (request.system, request.prompt) == ("Be brief.", "Since when?")
    assert (500, True, 200, False) == (request.most, request.stream, request.status, request.gone)
    assert WORDS == "".join(words for _, words in request.sent)
    assert not server.disconnected.is_set()


def test_usage_unsaid(server: Service) -> None:
    """A server that does not say what it has used is one too."""
    server.script(text(WORDS, usage=None))

    chunks = list(client(server).stream("Since when?"))

    assert WORDS == "".join(chunk.text for chunk in chunks)
    assert not any(chunk.usage_metadata and chunk.usage_metadata["total_tokens"] for chunk in chunks)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_error(server: Service, status: int) -> None:
    """An error has its status and its headers, and the next request is answered."""
    server.script(error(status, retry_after=2), WORDS)

    with pytest.raises((openai.APIStatusError, ollama.ResponseError)) as raised:
        said(server)

    assert status == raised.value.status_code
    assert WORDS == said(server)
    if isinstance(server, ChatServer):
        assert "2" == raised.value.response.headers["retry-after"]


@pytest.mark.parametrize("how", ["close", "reset", "error"])
@pytest.mark.parametrize("after", ["", "The ferry has"])
def test_cut(server: Service, how: str, after: str) -> None:
    """What was cut is an error of the client's, after what came before."""
    server.script(cut(after, how))
    heard = []

    with pytest.raises(FAILURES):
        heard.extend(chunk.text for chunk in client(server).stream("Since when?"))

    assert not server.disconnected.is_set()


def test_cut_early(server: Service) -> None:
    """An answer that ends early, as if all were well, comes without a reason."""
    server.script(cut("The ferry has", "early"))

    chunks = list(client(server).stream("Since when?"))

    assert "The ferry has" == "".join(chunk.text for chunk in chunks)
    assert not any({"finish_reason", "done_reason"} & set(chunk.response_metadata) for chunk in chunks)


@pytest.mark.parametrize("after", ["", "The ferry has"])
def test_hang(server: Service, after: str) -> None:
    """A client that waits too long goes, and the server sees it; neither takes long."""
    server.script(hang(after=after))
    begun = time.monotonic()

    with pytest.raises((openai.APITimeoutError, httpx.TimeoutException, *FAILURES)):
        said(server, seconds=0.2)

    assert server.disconnected.wait(5)
    assert server.requests[0].gone
    assert time.monotonic() - begun < 3


def test_slow(server: Service) -> None:
    """Pieces come at the times that the script says."""
    server.script(text("one two three", before=0.1, pause=0.05))

    assert "one two three" == said(server)

    (request,) = server.requests
    times = [at for at, _ in request.sent]
    assert times[0] - request.at >= 0.1
    assert times[2] - times[0] >= 0.1


def test_endless(server: Service) -> None:
    """An endless answer ends when the client goes."""
    server.script(endless("and so on "))
    stream = client(server).stream("Since when?")

    assert "and so on and" == "".join(next(stream).text for _ in range(5 if isinstance(server, ChatServer) else 4)).strip()
    stream.close()

    assert server.disconnected.wait(5)
    server.wait_for(lambda: server.busy == 0)


def test_cancelled(server: Service) -> None:
    """The server sees that a task that waits for the next piece was cancelled."""
    server.script(hang(after="The ferry has"))

    async def leave() -> None:
        begun = asyncio.Event()

        async def read() -> None:
            async for chunk in client(server).astream("Since when?"):
                if "has" in chunk.text:
                    begun.set()

        reading = asyncio.create_task(read())
        await begun.wait()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading

    asyncio.run(leave())

    assert server.disconnected.wait(5)


def test_nothing_said(server: Service) -> None:
    """An empty answer and rubbish have no text that a client could take for an answer."""
    server.script(empty())
    assert "" == said(server)

    for raw in ("<html></html>", "data: {broken\n\n", '{"nothing": 1}\n'):
        server.script(garbage(raw))
        with contextlib.suppress(*FAILURES):
            assert "" == said(server)


def test_refusal(server: Service) -> None:
    """A refusal comes in its own field, which the client of OpenAI gives on only without a stream, or as text."""
    server.script(refusal("No."), refusal("No."))

    assert ("" if isinstance(server, ChatServer) else "No.") == said(server)
    answer = client(server).invoke("Since when?")
    assert "No." == answer.additional_kwargs.get("refusal", answer.text)


def test_whole(server: Service) -> None:
    """Both servers answer without a stream too."""
    server.script(text(WORDS, usage=(12, 7)))

    answer = client(server).invoke("Since when?")

    assert (WORDS, 19) == (answer.text, answer.usage_metadata["total_tokens"])
    assert isinstance(server, OllamaServer) == server.requests[0].stream  # that client always streams


def test_close_fast(server: Service) -> None:
    """A server closes at once although a model hangs, and its client sees the end."""
    server.script(hang())
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            said(server, seconds=20)
        except FAILURES as failure:
            raised.append(failure)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    server.wait_for(lambda: server.busy)
    begun = time.monotonic()
    server.close()
    asking.join(5)

    assert raised
    assert time.monotonic() - begun < 2
    assert not server.disconnected.is_set()


def post(server: Service, body: object, **headers: str) -> httpx.Response:
    """The answer to a request that no proper client would send."""
    path = "/v1/chat/completions" if isinstance(server, ChatServer) else "/api/chat"
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.post(server.root + path, content=content, headers=headers)


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": []},
        {"messages": None},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": 7}]},
        {"messages": ["x"]},
        {"model": ""},
        {"stream": "yes"},
    ],
    ids=str,
)
def test_refused(server: Service, wrong: dict[str, object]) -> None:
    """What the real server refuses is refused, and nothing is taken from the script for it."""
    server.script(WORDS)
    good = {"model": "scripted", "messages": [{"role": "user", "content": "x"}], "stream": False}

    assert 400 == post(server, good | wrong).status_code
    assert 400 == post(server, "{").status_code
    assert WORDS in post(server, good).text


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 3},
        {"max_tokens": 0},
        {"max_tokens": 5, "max_completion_tokens": 5},
        {"stream_options": {"include_usage": True}},
        {"num_ctx": 8192},
        {"model": "gpt-5-mini", "max_tokens": 5},
        {"model": "gpt-5-mini", "temperature": 0},
    ],
    ids=str,
)
def test_openai_refuses(more: dict[str, object]) -> None:
    """Parameters that OpenAI refuses are refused."""
    with ChatServer() as running:
        running.script(WORDS)
        assert 400 == post(running, {"model": "scripted", "messages": [{"role": "user", "content": "x"}], **more}).status_code


def test_ollama_refuses() -> None:
    """An option of a wrong type is refused; what was not pulled is not found."""
    good = {"model": "small", "messages": [{"role": "user", "content": "x"}]}
    with OllamaServer(models=("small:latest",)) as running:
        assert 400 == post(running, good | {"options": {"num_ctx": "8192"}}).status_code
        assert 404 == post(running, good | {"model": "large"}).status_code
        assert ["small:latest"] == [model.model for model in ollama.Client(running.url).list().models]
        assert ollama.Client(running.url).show("small").modelinfo
        with pytest.raises(ollama.ResponseError):
            ollama.Client(running.url).show("large")


def test_key_models_context() -> None:
    """A wrong key, an unknown model and a prompt that is too long have their own errors."""
    with ChatServer(lambda _: WORDS, key="sk-good", models=("scripted",), context=600) as running:
        assert WORDS == said(running, api_key="sk-good")
        for code, more in {"invalid_api_key": {"api_key": "sk-bad"}, "model_not_found": {"model": "other"}}.items():
            with pytest.raises(openai.APIStatusError) as raised:
                said(running, **{"api_key": "sk-good", **more})
            assert code == raised.value.code
        with pytest.raises(openai.BadRequestError) as raised:
            client(running, api_key="sk-good").invoke("long " * 200)
        assert "context_length_exceeded" == raised.value.code
        listed = httpx.get(f"{running.url}/models", headers={"Authorization": "Bearer sk-good"}).json()
        assert ["scripted"] == [model["id"] for model in listed["data"]]
        assert 401 == httpx.get(f"{running.url}/models").status_code


@pytest.mark.parametrize("unwanted", ["tools", "nothing scripted"])
def test_must_not_be(unwanted: str) -> None:
    """A request with tools, or one that was not expected, makes the test fail."""
    with pytest.raises(AssertionError, match="must not be"), ChatServer() as running:  # noqa: PT012 - it is raised at the end
        tool = {"type": "function", "function": {"name": "run", "parameters": {}}}
        body = {"model": "scripted", "messages": [{"role": "user", "content": "x"}]}
        if unwanted == "tools":
            running.script(WORDS)
            body["tools"] = [tool]
        assert post(running, body).status_code >= 400
