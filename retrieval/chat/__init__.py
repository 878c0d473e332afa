"""Everything about calling a chat model: which one, one streamed call, what it may cost, and what can go wrong."""
