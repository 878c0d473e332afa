"""Which handler an update goes to: PTB's application, fed by the dispatcher instead of by PTB's own polling."""

from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.telegram.client import Client
from bot.telegram.handlers.access import Access
from bot.telegram.handlers.articles import REALLY_REMOVE, REMOVE, Articles
from bot.telegram.handlers.buttons import Buttons
from bot.telegram.handlers.commands import Commands
from bot.telegram.handlers.errors import Errors
from bot.telegram.handlers.listings import Listings
from bot.telegram.handlers.questions import Questions
from bot.telegram.parts import Parts
from bot.telegram.updates import brings_articles

App = Application[Client, ContextTypes.DEFAULT_TYPE, Any, Any, Any, Any]


def build_application(bot: Client) -> App:
    """An application without handlers and without a way to fetch updates."""
    return Application.builder().bot(bot).updater(None).build()


def add_handlers(application: App, parts: Parts) -> None:
    """Register every handler; the gate comes before all others."""
    access, questions, listings, articles, commands = (
        Access(parts),
        Questions(parts),
        Listings(parts),
        Articles(parts),
        Commands(parts),
    )
    buttons = Buttons(parts)
    buttons.also("a", access.decide)
    buttons.also(REMOVE, articles.choose)
    buttons.also(REALLY_REMOVE, articles.really_remove)
    application.add_handler(TypeHandler(Update, access.gate), group=-1)
    new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    for name, callback in {
        "start": commands.start,
        "help": commands.help,
        "new": commands.new,
        "cancel": commands.cancel,
        "status": commands.status,
        "forget": commands.forget,
        "sources": listings.sources,
        "search": listings.search,
        "add": articles.add,
        "remove": articles.remove,
    }.items():
        application.add_handler(CommandHandler(name, callback, filters=new))
    application.add_handlers(
        [
            CallbackQueryHandler(buttons.press),
            ChatMemberHandler(access.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(filters.StatusUpdate.MIGRATE, access.migration),
            MessageHandler(new & filters.COMMAND, commands.unknown),
            MessageHandler(new & filters.ChatType.PRIVATE & filters.Document.ALL, articles.upload),
            MessageHandler(new & ArticleLinks(), articles.links),
            MessageHandler(new & filters.TEXT, questions.new),
            MessageHandler(edited & (filters.TEXT | (filters.CAPTION & ~filters.Document.ALL)), questions.edited),
            MessageHandler(new & ~filters.StatusUpdate.ALL, questions.unreadable),
            TypeHandler(Update, commands.stopped_draft),
        ]
    )
    application.add_error_handler(Errors(parts).tell)


class ArticleLinks(filters.MessageFilter):
    """Private messages that are links and nothing else."""

    def filter(self, message: Any) -> bool:
        """Whether a message is one."""
        return brings_articles(message.to_dict())
