"""Whether what answers through a chat model and in Telegram could be set up, and its databases; nothing is called or paid for."""

import shlex
from collections.abc import Iterator

from bot.telegram import stored
from bot.telegram.settings import TOKEN_NAME, TelegramSettings, load_telegram_settings
from bot.wiring import open_chat_model
from retrieval import Settings
from retrieval.chat import budget
from retrieval.library.health import Finding, Level, examine_database, guarded
from retrieval.library.health.findings import restore_beside
from retrieval.settings import load

CHAT, RERANKER, TELEGRAM, CONVERSATIONS, TOKENS = "Chat model", "Reranker", "Telegram", "Conversations", "Tokens"


def examine_callers(settings: Settings) -> Iterator[Finding]:
    """Look at each of them by itself."""
    yield from guarded(CHAT, lambda: _chat_model(settings))
    if settings.rerank_model:
        yield from guarded(RERANKER, lambda: _reranker(settings))
    yield from guarded(TELEGRAM, _telegram)
    if settings.servers.database_url:
        yield from (Finding(each, Level.OK, "on the Postgres server") for each in (CONVERSATIONS, TOKENS))
        return
    conversations, tokens = settings.data_dir / stored.FILE, settings.data_dir / budget.FILE
    restore = restore_beside(settings.data_dir)
    yield from guarded(CONVERSATIONS, lambda: examine_database(CONVERSATIONS, conversations, mend=restore))
    forget = f"rm {shlex.quote(str(tokens.absolute()))}  # today's count begins again"
    yield from guarded(TOKENS, lambda: examine_database(TOKENS, tokens, mend=forget))


def _chat_model(settings: Settings) -> Iterator[Finding]:
    model = open_chat_model(settings)
    if model is None:
        yield Finding(CHAT, Level.OK, "none")
        return
    model.close()
    yield Finding(CHAT, Level.OK, f"{settings.chat_model.strip()} is set up; footnote status asks whether it answers")


def _reranker(settings: Settings) -> Iterator[Finding]:
    from retrieval import Reranker

    _ = Reranker(settings.rerank_model).model
    yield Finding(RERANKER, Level.OK, settings.rerank_model)


def _telegram() -> Iterator[Finding]:
    if not load(TelegramSettings).token.get_secret_value():
        yield Finding(TELEGRAM, Level.OK, f"no bot: {TOKEN_NAME} is not set")
        return
    load_telegram_settings()
    yield Finding(TELEGRAM, Level.OK, "a token is set, and looks like one")
