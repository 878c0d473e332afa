"""The program `footnote`: its options, its commands and what it does without any."""

from collections.abc import Callable
from typing import Annotated

import typer

from bot.commands.articles import articles, remove
from bot.commands.ask import ask
from bot.commands.backup import backup, restore
from bot.commands.chat import chat
from bot.commands.doctor import doctor
from bot.commands.evaluate import evaluate
from bot.commands.rebuild import rebuild
from bot.commands.search import search
from bot.commands.status import status
from bot.commands.telegram import telegram
from ingest.cli import ingest
from ingest.command import Command, DataOption, Group, run, warn_of_unknown_settings

COMMANDS: dict[str, Callable[..., None]] = {
    "ingest": ingest,
    "articles": articles,
    "remove": remove,
    "search": search,
    "ask": ask,
    "chat": chat,
    "telegram": telegram,
    "eval": evaluate,
    "status": status,
    "rebuild": rebuild,
    "doctor": doctor,
    "backup": backup,
    "restore": restore,
}
WRONG_USE = 2

app = typer.Typer(cls=Group, add_completion=False, pretty_exceptions_enable=False)
for _name, _command in COMMANDS.items():
    app.command(_name, cls=Command)(_command)


@app.callback(invoke_without_command=True)
def footnote(
    context: typer.Context,
    data: DataOption = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Answers questions from your own articles; every sentence carries a footnote that quotes them."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"footnote {version_of('footnote')}")
        raise typer.Exit
    if data is not None:
        context.default_map = {name: {"data": str(data)} for name in COMMANDS}
    if context.invoked_subcommand is None:
        if context.obj == "chat":
            warn_of_unknown_settings()
            chat(data=data)
        else:
            typer.echo(context.get_help())
            raise typer.Exit(WRONG_USE)


def main() -> None:
    """Run `footnote`."""
    run(app, name="footnote")


def main_chat() -> None:
    """Run `python -m bot`, which is a chat unless it is told otherwise."""
    run(app, name="python -m bot", default="chat")
