"""`python -m bot`: the chat, or any command of `footnote`."""

from bot.cli import main_chat

if __name__ == "__main__":
    main_chat()
