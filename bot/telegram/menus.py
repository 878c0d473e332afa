"""The menus of commands that Telegram's clients show: one for private chats, one for groups, a longer one for each admin."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.telegram import texts

if TYPE_CHECKING:
    from telegram.ext import ExtBot

_log = logging.getLogger(__name__)


async def show_menus(bot: "ExtBot[None]", admins: Sequence[int]) -> None:
    """Set every menu; a menu that cannot be set is only logged, for the commands work without."""
    await _set(bot, texts.MENU, BotCommandScopeAllPrivateChats())
    await _set(bot, texts.MENU_GROUP, BotCommandScopeAllGroupChats())
    for admin in admins:
        await show_admin_menu(bot, admin)


async def show_admin_menu(bot: "ExtBot[None]", admin: int) -> None:
    """Set the longer menu in an admin's private chat."""
    await _set(bot, {**texts.MENU, **texts.MENU_ADMIN}, BotCommandScopeChat(admin))


async def _set(bot: "ExtBot[None]", menu: dict[str, str], scope: BotCommandScope) -> None:
    try:
        await bot.set_my_commands([BotCommand(name, about) for name, about in menu.items()], scope=scope)
    except TelegramError as error:
        _log.warning("A menu could not be set.", extra={"error": str(error)})
