"""A chat in the terminal: what a line asks for is done and shown."""

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import typer

from bot.assistant import Assistant, Recent
from bot.listing import matching
from bot.questions import whole
from bot.terminal import QUIET, show_articles, show_events, show_explanation
from bot.waiting import awaited
from ingest.console import console

if TYPE_CHECKING:
    from retrieval import Answer, AnswerChain

SHOWN = 20  # articles of /sources
HELP = """Ask a question, or type
  /sources [WORDS]  the articles, or those with these words in title or source
  /why              how the last answer came about
  /new              begin a new conversation
  /help             this list
  /quit             leave, like Ctrl-D; Ctrl-C cancels an answer"""


class Session:
    """One chat; `load` gives the chain, and may take its time when it is first called."""

    def __init__(self, load: Callable[[], "AnswerChain"]) -> None:
        self._load = load
        self._memory = Recent()
        self._last: Answer | None = None
        self._commands = {"/help": self._help, "/sources": self._sources, "/why": self._why, "/new": self._new}

    def take(self, line: str) -> bool:
        """Do what a line says; False if it says to leave."""
        text = " ".join(whole(line).split())
        name, _, rest = text.partition(" ")
        if name == "/quit":
            return False
        if name.startswith("/"):
            self._commands.get(name, self._unknown)(rest)
        elif text:
            self._ask(text)
        if text:
            typer.echo()
        return True

    def _ask(self, text: str) -> None:
        """Answer a question; what breaks off the showing ends the work as well."""
        chain = self._load()
        with closing(Assistant(chain, self._memory).events(text)) as events:
            self._last = show_events(awaited(events, chain), console())

    def _help(self, _: str) -> None:
        console().print(HELP)

    def _sources(self, wanted: str) -> None:
        articles = matching(self._load().retriever.library.articles(), wanted)
        show_articles(articles[:SHOWN], console(), numbered=True)
        left = f", of which these are the first {SHOWN}; /sources WORDS lists fewer" if len(articles) > SHOWN else ""
        console().print(f"{len(articles)} {'article' if len(articles) == 1 else 'articles'}{left}", style=QUIET)

    def _why(self, _: str) -> None:
        if self._last is None:
            console().print("Nothing has been answered yet.", style=QUIET)
        else:
            show_explanation(self._last, console())

    def _new(self, _: str) -> None:
        self._memory.forget()
        self._last = None
        console().print("A new conversation.", style=QUIET)

    def _unknown(self, _: str) -> None:
        console().print("There is no such command.")
        console().print(HELP)
