"""What `footnote doctor` examines around the library: settings, versions, articles left behind, the chat model and the bot."""

from bot.checkup.callers import examine_callers
from bot.checkup.moving import ARTICLES, examine_moving
from bot.checkup.surroundings import SETTINGS, examine_settings
from bot.checkup.versions import examine_versions

__all__ = ["ARTICLES", "SETTINGS", "examine_callers", "examine_moving", "examine_settings", "examine_versions"]
