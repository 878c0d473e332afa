"""The tables of the Telegram front end; in one database with the conversations, so that one transaction can hold both."""

import sqlalchemy as sa

from bot.exchanges import Id, tables

incoming = sa.Table(
    "telegram_incoming",
    tables,
    sa.Column("update_id", sa.BigInteger, primary_key=True),
    sa.Column("person", sa.BigInteger, nullable=False, index=True),  # 0 where there is none
    sa.Column("payload", sa.String, nullable=False),  # JSON; emptied when it is done with
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("received", sa.Float, nullable=False),  # seconds since 1970
)
outgoing = sa.Table(
    "telegram_outgoing",
    tables,
    sa.Column("update_id", sa.BigInteger, primary_key=True),  # what it answers
    sa.Column("number", sa.Integer, primary_key=True),  # the how manieth message of that answer
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("person", sa.BigInteger, nullable=False, index=True),
    sa.Column("payload", sa.String, nullable=False),  # JSON; emptied when it is sent
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("floor", sa.BigInteger, nullable=False),  # the highest message id known when it was about to be sent
    sa.Column("probe", sa.BigInteger),  # the id of the message that was sent afterwards to find out whether it has arrived
    sa.Column("floors", sa.String, nullable=False, default="[]"),  # JSON; those of the probes, whose ids a crash may have kept
    sa.Column("message", sa.BigInteger),  # its id, once that is known
    sa.Column("exchange", Id),
    sa.Index("outgoing_message", "chat", "message"),
)
person = sa.Table(
    "telegram_person",
    tables,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("standing", sa.String, nullable=False),
    sa.Column("told", sa.String, nullable=False),  # the day on which it was last told how it stands
    sa.Column("tries", sa.Integer, nullable=False),  # pairing codes tried on the day below
    sa.Column("tried", sa.String),
)
room = sa.Table(
    "telegram_room",
    tables,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("standing", sa.String, nullable=False),
    sa.Column("told", sa.String, nullable=False),
    sa.Column("gone", sa.String, nullable=False),  # why nothing can be sent there; empty while it can
    sa.Column("became", sa.BigInteger),  # the id that it has got as a supergroup
)
shortcut = sa.Table(
    "telegram_shortcut",
    tables,
    sa.Column("id", Id, primary_key=True),
    sa.Column("meaning", sa.String, nullable=False),
    sa.Column("person", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("person", "meaning"),
    sqlite_autoincrement=True,
)
secret = sa.Table(
    "telegram_secret",
    tables,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
