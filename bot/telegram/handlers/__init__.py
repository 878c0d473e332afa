"""What the bot does with an update, a file for each kind."""
