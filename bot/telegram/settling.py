"""What became of a message whose sending was broken off: Telegram has no way to ask, so its id is looked for.

Ids ascend: in a supergroup by themselves, in private chats and small groups in one sequence for the whole bot. A message that did
arrive therefore lies between the highest id known before it was sent and that of a new message, the probe. Only the bot's own
messages can be edited: an edit that works, or that changes nothing, has found it. Else the probe becomes the message.
"""

import logging
from contextlib import suppress
from dataclasses import replace

from telegram.error import BadRequest

from bot.telegram import client
from bot.telegram.client import Client
from bot.telegram.outbox import Content, Owed

REACH = 60  # ids that are looked at; a message arrives right after it was sent, and few others come in between
SUPERGROUPS = -1_000_000_000_000  # their ids lie below
PROBE = "…"
_log = logging.getLogger(__name__)


class Sightings:
    """The highest message id that is known in each sequence of ids."""

    def __init__(self, highest: dict[int, int]) -> None:
        self._highest: dict[int, int] = {}
        for chat, message in highest.items():
            self.see(chat, message)

    def see(self, chat: int, message: int) -> None:
        """Note a message."""
        sequence = chat if chat < SUPERGROUPS else 0
        self._highest[sequence] = max(message, self._highest.get(sequence, 0))

    def highest(self, chat: int) -> int:
        """The highest known id in the sequence of a chat; 0 if none is known."""
        return self._highest.get(chat if chat < SUPERGROUPS else 0, 0)


async def send_probe(bot: Client, owed: Owed, content: Content) -> int:
    """Send a probe and return its id."""
    return await client.send(bot, owed.chat, replace(content, text=PROBE, entities=(), buttons=(), silent=True))


async def settle(bot: Client, owed: Owed, content: Content, *, probe: int, known: set[int]) -> int | None:
    """The id of the message that says this, once: where it had arrived that one, else the probe; `known` are other messages' ids.

    None if it had not arrived and a person has taken the probe away.
    """
    reach = {each for floor in (owed.floor, *owed.floors) for each in range(floor + 1, min(probe, floor + 1 + REACH))}
    found = [message for message in sorted(reach - known) if await _becomes(bot, owed.chat, message, content)]
    _log.info("A message whose sending was broken off is settled.", extra={"chat": owed.chat, "arrived": bool(found)})
    if not found:
        return probe if await _becomes(bot, owed.chat, probe, content) else None
    for needless in [*found[1:], probe]:  # probes among them whose ids were lost
        with suppress(BadRequest):  # it is gone
            await bot.delete_message(owed.chat, needless)
    return found[0]


async def _becomes(bot: Client, chat: int, message: int, content: Content) -> bool:
    """Whether a message is the bot's, and then it says this."""
    try:
        await client.edit(bot, chat, message, content)
    except BadRequest as error:
        if client.message_is_gone(error):
            return False
        raise
    return True
