"""What the product says of itself: the one refusal phrase, the same in the terminal, in Telegram and in a prompt."""

REFUSAL = "The articles do not say."
