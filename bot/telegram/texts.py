"""Every word that a person sees in Telegram, so that another language is one file; names in braces are filled in."""

# --- An answer

REFERENCE = "[{number}]"
QUOTE = "“{quote}”"
FOLLOW_UP = "Read as a follow-up to: {terms}"
UNSUPPORTED = "(not in the articles)"  # behind a sentence of a chat model
CLOSEST = "This is the closest that I found:"
GOOD = "👍"
BAD = "👎"

# --- Whose words an answer is in

WRITTEN = "In the words of {model}, checked against the quotes."
ENDS_EARLY = "It broke off before its end."
NOT_ASKED = "{model} cannot be asked at the moment"
NOTHING_HOLDS = "{model} gave no answer that the articles bear out"
USED_UP = "No more may be spent on {model} for now"
BROKE_OFF = "{model} broke off"
QUOTED_INSTEAD = "{reason}, so these are the articles’ own sentences."
REFUSED_INSTEAD = "{reason}, and the articles’ own sentences do not answer it."

# --- /why

WHY_SEARCHED = "Searched for: {searched}"
WHY_CARRIED = "Taken from the conversation: {terms}"
WHY_SURE = "How sure: {percent} %"
WHY_QUOTED = "The sentences are the articles’ own."
WHY_REFUSED = "Nothing was found that answers it well enough."
WHY_MODEL = "Chat model: {model}"
WHY_TOKENS = "Tokens: {read} read, {written} written"
WHY_LEFT_OUT = "Not borne out by the articles:"
WHY_DROPPED = "– {sentence} ({reason})"
WHY_MORE = "and {count} more"
NOTHING_TO_EXPLAIN = "There is no answer that I could explain. Reply to one with /why."

# --- An article

UNTITLED = "Untitled"
BETWEEN = " · "  # title · site · date
ELLIPSIS = "…"

# --- A quote in its surroundings

OPEN_PAGE = "Open the page"
CLOSE = "Close"

# --- /search

NOTHING_FOUND = "No passage was found. Try other words."

# --- /sources

NUMBERED = "{number}. "
NO_ARTICLES = "There are no articles yet."
NO_SUCH_ARTICLES = "No article has “{words}” in its title, author, site or address."
ONE_ARTICLE = "1 article"
ARTICLES = "{count} articles"
WITH_WORDS = "{articles} with “{words}”"
PAGE = "page {page} of {pages}"
EARLIER = "‹"
LATER = "›"

# --- Bringing articles in

LOOKING = "Looking for articles…"
WAITING = "Waiting for another process that is changing the library."
PROGRESS = "{done} of {articles}"
PROGRESS_CHUNKS = "{chunks} embedded"
READING = "Reading {name}"
COUNTS = (
    "Added {added}, updated {updated}, unchanged {unchanged}, removed {removed}, failed {failed}"
    " (in {seconds:.1f} s, {chunks}, {embedded} embedded)"
)
FAILED = "Failed: {name}: {reason}"
MORE_FAILED = "and {count} more"
SKIPPED = "Skipped, for their kind: {count}"
STOPPED = "Stopped before the end. The next run goes on from there."

# --- While an answer is made

LOOKING_FOR_ANSWER = "Looking through the articles…"
STOP = "Stop"
STOPPED_ANSWER = "Stopped."
DROPPED = "Waiting questions dropped: {count}"
NOTHING_TO_STOP = "There is nothing to stop."
ONE_MOMENT = "One moment: your question is number {number} in the queue."

# --- Commands

START = (
    "Ask me something, and I answer from the articles I have. Every sentence carries a footnote that quotes them; "
    "what they do not say, I do not say."
)
START_ADMIN = "You are an admin: send me a file or a link, and I read it. /help says what else there is."
HELP = """Just ask. The numbers behind a sentence lead to the quotes below it, and a button shows each quote in its surroundings.

/new begins another topic
/sources lists the articles, /sources WORDS those with these words
/search WORDS shows passages without an answer
/why says how the last answer, or the one you reply to, was come by
/cancel stops an answer
/status says how many articles there are
/forget erases what I know of you

Reply to an older answer to go on from there; edit a question to have it answered anew."""
HELP_ADMIN = """For admins, in this chat:
Send a file (PDF, Word, EPUB, HTML, Markdown, text), a link or a feed, and I read it
/add LINK does the same
/remove WORDS takes an article out
/status shows requests and how the library is"""
MENU = {
    "help": "What you can do here",
    "new": "Begin another topic",
    "sources": "List the articles",
    "search": "Show passages without an answer",
    "why": "How the last answer was come by",
    "cancel": "Stop an answer",
    "status": "How many articles there are",
    "forget": "Erase what I know of you",
}
MENU_GROUP = {name: MENU[name] for name in ("help", "new", "sources", "search", "why", "cancel")}
MENU_ADMIN = {"add": "Read a link or a feed", "remove": "Take an article out"}
NEW = "A new conversation."
HOW_TO_SEARCH = "Write what to look for behind the command: /search eels in the river"
UNKNOWN_COMMAND = "I do not know this command. /help lists those that I know."
FORGOTTEN = (
    "Erased: your questions, their answers, your votes and your name. What is left is your id with whether you may ask me, "
    "so that you can go on."
)
STATUS = "Articles: {articles}"
STATUS_ADMIN = (
    "Chunks: {chunks}. {order}\nEmbedding model: {model}\nChat model: {chat_model}\n"
    "Updates in hand: {waiting}, set aside as unreadable: {quarantined}"
)
STATUS_REQUESTS = "Open requests:"
IN_ORDER = "The library is in order."
OUT_OF_ORDER = "The library is being brought in order; the next question or article completes it."
NO_EMBEDDING = "none yet"
NO_MODEL = "none"

# --- A question that is not answered

ONLY_TEXT = "I can read words only. Please write your question."
EMPTY_QUESTION = "Yes? Ask me something about the articles."
TOO_LONG = "That is longer than I can read as one question ({most} characters). Please ask shorter."
TOO_MANY = "That is more than {most} questions a minute. Please wait {seconds} seconds; what you send until then is not answered."
WENT_WRONG = "Something went wrong on my side (error {name}). Please try again later."
NO_LIBRARY_YET = "There are no articles yet, so there is nothing to answer from."

# --- Buttons

THANKS = "Thank you."
TOO_FAST = "That is too fast. Please wait {seconds} seconds."
VOTED_ALREADY = "This is counted already."
OLD_BUTTON = "This button leads nowhere any more."
SOURCE_GONE = "The article is no longer in the library, or no longer holds this quote."

# --- Who may use the bot

NO_ADMIN = "Nobody is in charge of me yet. If this is your bot, send me the pairing code that footnote telegram has printed."
ASKED = "This bot is private. I have asked to let you in, and will tell you when you may ask."
TURNED_AWAY = "This bot is private, and I may not answer here."
NOT_ALLOWED = "You may not use this button."
PAIRED = "You are my admin now. Send me a file or a link, and I read it; then ask. /help says what else there is."
REQUEST = "{name} (id {id}) would like to ask me questions."
REQUEST_GROUP = "The group “{name}” (id {id}) wants to use me. If you let it in, everybody in it can ask me."
ADMIT, REFUSE = "Let in", "Refuse"
ADMIT_NAMED = "Let in {name}"
LET_IN, NOT_LET_IN = "Let in: {name}", "Refused: {name}"
WELCOME = "You may ask me now. /help says how."
WELCOME_GROUP = "You may ask me now: mention me, or reply to me."

# --- Bringing articles in, in words of the chat

ADMINS_ONLY = "Only admins can change the articles, in a private chat with me."
HOW_TO_ADD = "Send me a file, or the address of a page or feed: /add https://…"
HOW_TO_REMOVE = "Write words of its title or address behind the command: /remove otters"
TOO_LARGE = (
    "The file is larger than 20 MB, which is the most that a bot can receive. "
    "On the computer where I run, footnote ingest reads larger ones."
)
NOT_DOWNLOADED = "Telegram did not hand me the file. Please send it again."
BROUGHT_IN = "You can ask me about “{title}” now."
THERE_ALREADY = "I have “{title}” already."
NAMESAKE = "There is also an older file named {name}; /remove takes it out."
READING_IT = "Reading…"
STOPPING = "Stopping after this batch…"
WHICH_ONE = "Which one shall I take out?"
MORE_ARTICLES = "These are the first {count} of {total}; more words find fewer."
REALLY = "Take “{title}” out of the library?"
REMOVE, KEEP = "Take out", "Keep"
REMOVED = "Taken out: {title}"
NOT_THERE = "It is not in the library any more."
