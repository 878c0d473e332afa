"""Being sent updates: an HTTP server that stores each before it says yes, behind a proxy that speaks TLS."""

import json
import logging
import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.telegram.intake import Intake
from bot.telegram.settings import TelegramSettings
from bot.telegram.watchdog import FRESH_SECONDS, Pulse
from retrieval import SettingsError

MOST_BYTES = 1_000_000  # of one update; Telegram's are a few thousand
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
HEALTH_PATH = "/health"
UNHEALTHY = 503
_log = logging.getLogger(__name__)


class Updates(RequestHandler):
    """Takes one update from Telegram, which alone knows the secret."""

    def initialize(self, intake: Intake, pulse: Pulse, secret: str) -> None:
        """Tornado's way to hand things over."""
        self._intake, self._pulse, self._secret = intake, pulse, secret

    async def post(self) -> None:
        """Store the update; 403 for anyone but Telegram, 400 for what is no JSON, 503 while there is no room."""
        if not secrets.compare_digest(self.request.headers.get(SECRET_HEADER, "").encode(), self._secret.encode()):
            self.set_status(403)
            return
        try:
            payload: Any = json.loads(self.request.body)
        except ValueError:
            self.set_status(400)
            return
        if not self._intake.has_room:
            self.set_status(UNHEALTHY)  # Telegram sends it again
            return
        self._pulse.beat()
        await self._intake.take([payload])


class Health(RequestHandler):
    """Tells a container whether Telegram has been heard lately."""

    def initialize(self, pulse: Pulse, seconds: float) -> None:
        """Tornado's way to hand things over."""
        self._pulse, self._seconds = pulse, seconds

    async def get(self) -> None:
        """200 or 503."""
        healthy = self._pulse.silence <= self._seconds
        self.set_status(200 if healthy else UNHEALTHY)
        self.write({"healthy": healthy, "heard_seconds_ago": round(self._pulse.silence, 1)})


def listen(settings: TelegramSettings, *, intake: Intake, pulse: Pulse, secret: str) -> HTTPServer:
    """Listen for Telegram's requests to the path of the webhook, and for those to /health; raises SettingsError."""
    host, _, port = settings.listen.rpartition(":")
    routes = [
        (HEALTH_PATH, Health, {"pulse": pulse, "seconds": min(FRESH_SECONDS, settings.watchdog / 2)}),
        (re.escape(urlsplit(settings.webhook).path or "/"), Updates, {"intake": intake, "pulse": pulse, "secret": secret}),
    ]
    server = HTTPServer(Application(routes, log_function=lambda _: None), max_body_size=MOST_BYTES)
    try:
        server.listen(int(port), host)
    except (OSError, OverflowError) as error:
        message = (
            f"FOOTNOTE_TELEGRAM_LISTEN: {settings.listen} cannot be listened at: {getattr(error, 'strerror', None) or error}."
        )
        raise SettingsError(message, help="Name another port, or stop the program that has it.") from None
    return server
