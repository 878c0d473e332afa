"""What `footnote doctor` examines around the library: settings, versions, the chat model, the bot and its database."""

from bot.checkup.callers import examine_callers
from bot.checkup.surroundings import SETTINGS, examine_settings
from bot.checkup.versions import examine_versions

__all__ = ["SETTINGS", "examine_callers", "examine_settings", "examine_versions"]
