"""How does a chat in Telegram reach the articles? Messages in, answers with their quotes out, and nothing lost between."""
