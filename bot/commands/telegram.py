"""`footnote telegram`: the chat bot."""

from typing import Annotated

import typer

from bot.doors import Doors
from bot.wiring import settings_of
from ingest.command import FAILED, DataOption, told, warn_of_unknown_settings
from ingest.console import console

CheckOption = Annotated[
    bool,
    typer.Option("--check", help="Start nothing; only say by the exit code whether the running bot is well, for containers."),
]


def telegram(data: DataOption = None, check: CheckOption = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Run the Telegram bot; it needs a token in TELEGRAM_BOT_TOKEN."""
    settings = settings_of(data)
    if check:
        from bot.telegram.watchdog import is_healthy

        raise typer.Exit(0 if is_healthy(settings.data_dir) else FAILED)
    from bot.telegram.settings import load_telegram_settings, unknown_telegram_names

    chosen = load_telegram_settings()
    warn_of_unknown_settings(unknown_telegram_names())
    from bot.telegram.answering import Answering
    from bot.telegram.logs import begin_logging
    from bot.telegram.service import end_now, serve

    begin_logging(chosen.token.get_secret_value())
    out = console()
    doors = Doors(settings)
    code = FAILED
    try:
        with told():
            serve(
                chosen,
                settings.data_dir,
                answering=Answering(doors.chain),
                changes=doors,
                say=out.print,
                database_url=settings.servers.database_url,
            )
            code = 0
    except typer.Exit:
        pass
    finally:
        end_now(code)
