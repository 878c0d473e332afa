"""What do I say in this chat? The assistant turns a conversation and a question into an answer; the terminal stands on it."""

from bot.assistant import Assistant

__all__ = ["Assistant"]
