"""`footnote chat`: a conversation, at a prompt or line by line from a pipe."""

import os
import sys
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

import typer

from bot.prompt import typed_lines
from bot.session import Session
from bot.waiting import Background
from bot.wiring import check_folder, open_chain, settings_of
from ingest.command import FAILED, DataOption, Interrupted, told
from ingest.console import console

if TYPE_CHECKING:
    from retrieval import Settings

HISTORY = "chat_history"


def chat(data: DataOption = None) -> None:
    """Talk with the articles: follow-ups are understood, /help lists what else can be typed."""
    settings = settings_of(data)
    check_folder(settings)
    if sys.stdin.isatty() and sys.stdout.isatty():
        _at_prompt(settings)
    else:
        _from_pipe(settings)


def _at_prompt(settings: "Settings") -> None:
    """Talk with a person; the model loads behind the prompt."""
    out = console()
    out.print("Ask a question. /help lists what else you can type.", style="dim")
    chain = Background(lambda: open_chain(settings))
    session = Session(chain.result)
    coloured = out.color_system is not None and not out.no_color
    with closing(typed_lines(settings.data_dir / HISTORY, coloured=coloured)) as lines:
        for line in lines:
            try:
                with told():
                    if not session.take(line):
                        break
            except typer.Exit:  # one failure does not end the chat
                continue
    if not chain.ready:
        # Python cannot end cleanly while another thread is inside the import of torch. What that thread writes to the catalogue
        # are transactions, which happen whole or not at all.
        sys.stdout.flush()
        os._exit(0)


def _from_pipe(settings: "Settings") -> None:
    """Answer each line of the standard input; exit code 1 if one of them failed."""
    failed = False
    chain = cache(lambda: open_chain(settings))
    session = Session(chain)
    for line in iter(sys.stdin.readline, ""):  # a file would be read ahead of what is answered
        if line.strip():
            chain()  # outside of what may fail: without a library no further line can be answered
        try:
            with told():
                if not session.take(line):
                    break
        except Interrupted:
            raise
        except typer.Exit:
            failed = True
    if failed:
        raise typer.Exit(FAILED)
