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
from bot.telegram.handlers.articles import REMOVE, Articles
from bot.telegram.handlers.buttons import Buttons
from bot.telegram.handlers.commands import Commands
from bot.telegram.handlers.errors import Errors
from bot.telegram.handlers.gate import Gate
from bot.telegram.handlers.listings import Listings
from bot.telegram.handlers.questions import Questions
from bot.telegram.handlers.requests import Requests
from bot.telegram.parts import Parts
from bot.telegram.updates import REALLY_REMOVE, brings_articles

App = Application[Client, ContextTypes.DEFAULT_TYPE, Any, Any, Any, Any]


def build_application(bot: Client) -> App:
    """An application without handlers and without a way to fetch updates."""
    return Application.builder().bot(bot).updater(None).build()


def add_handlers(application: App, parts: Parts) -> None:
    """Register every handler; the gate comes before all others, and of the rest the first that fits is taken."""
    questions, articles, requests, commands = Questions(parts), Articles(parts), Requests(parts), Commands(parts)
    new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    application.add_handler(TypeHandler(Update, Gate(parts).check), group=-1)
    _add_commands(application, commands, Listings(parts), articles)
    application.add_handlers(
        [
            CallbackQueryHandler(_buttons(parts, articles, requests).press),
            ChatMemberHandler(requests.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(filters.StatusUpdate.MIGRATE, requests.migration),
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


def _add_commands(application: App, commands: Commands, listings: Listings, articles: Articles) -> None:
    callbacks = {
        "start": commands.start,
        "help": commands.help,
        "new": commands.new,
        "why": commands.why,
        "cancel": commands.cancel,
        "status": commands.status,
        "forget": commands.forget,
        "sources": listings.sources,
        "search": listings.search,
        "add": articles.add,
        "remove": articles.remove,
    }
    for name, callback in callbacks.items():
        application.add_handler(CommandHandler(name, callback, filters=filters.UpdateType.MESSAGE))


def _buttons(parts: Parts, articles: Articles, requests: Requests) -> Buttons:
    buttons = Buttons(parts)
    buttons.also("a", requests.decide)
    buttons.also(REMOVE, articles.choose)
    buttons.also(REALLY_REMOVE, articles.really_remove)
    return buttons


class ArticleLinks(filters.MessageFilter):
    """Private messages that are links and nothing else."""

    def filter(self, message: Any) -> bool:
        """Whether a message is one."""
        return brings_articles(message.to_dict())
