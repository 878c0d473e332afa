"""SIGKILL at any moment: after the next start each question is answered, exactly once, in order and without a trace."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from botapi import faults
from botapi.process import PATIENCE, Bot, answers, question
from botapi.quick_bot import DEADLY
from botapi.records import Chat, Message, Person
from botapi.server import BotApi

from bot.telegram import texts
from bot.telegram.inbox import ATTEMPTS

TRIALS = int(os.environ.get("KILL_TRIALS", "8"))
SEED = int(os.environ.get("KILL_SEED", "3"))
LONGEST_LIFE = 1.0  # seconds from listening to the kill
QUESTIONS = 4  # about so many in each life
TROUBLES = [
    ("sendMessage", faults.delay_after(0.3)),
    ("sendMessage", faults.reset_after()),
    ("editMessageText", faults.delay_after(0.2)),
    ("getUpdates", faults.delay_after(0.2)),
    ("*", faults.delay_after(0.05)),
]
ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
MENTION = "@footnote_bot "


class Askers:
    """People who ask all the time, in private chats and in groups, each question with a number of its own."""

    def __init__(self, api: BotApi, chance: random.Random) -> None:
        self._api, self._chance = api, chance
        self._rooms = [(api.private(each), each) for each in (ADA, BOB, Person(9, "Cleo"))]
        self._rooms += [(api.group(-50 - number), ADA) for number in range(2)]
        self._rooms += [(api.supergroup(-1_000_000_000_050 - number), BOB) for number in range(2)]
        self.asked: list[tuple[str, Message]] = []

    @property
    def chats(self) -> list[Chat]:
        """Where they ask."""
        return [chat for chat, _ in self._rooms]

    def told(self) -> Counter[str]:
        """How often each question is answered, and what else the bot says."""
        return Counter(each for chat in self.chats for each in answers(self._api, chat))

    def ask(self) -> None:
        """One question, somewhere."""
        number = len(self.asked)
        chat, person = self._chance.choice(self._rooms)
        message = self._api.say(chat, person, ("" if chat.private else MENTION) + question(number))
        self.asked.append((f"q{number}", message))

    def for_a_while(self, seconds: float) -> None:
        """Ask now and then."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.ask()
            time.sleep(min(left, self._chance.expovariate(QUESTIONS / LONGEST_LIFE)))


def test_killed_at_any_moment(api: BotApi, process: Callable[..., Bot]) -> None:
    """However often and whenever it is killed, each question gets one answer, where and in the order it was asked."""
    chance = random.Random(SEED)
    askers = Askers(api, chance)
    for _ in range(TRIALS):
        with process() as bot:
            kind, trouble = chance.choice(TROUBLES)
            rule = api.fault(kind, kind=trouble, times=chance.choice([0, 2, None]))
            if chance.random() < 0.8:
                bot.listening()
            askers.for_a_while(chance.uniform(0, LONGEST_LIFE))
            bot.kill()
            rule.stop()

    with process() as bot:
        wanted = Counter(name for name, _ in askers.asked)
        with suppress(AssertionError):  # told below
            api.wait_for(lambda: askers.told() == wanted, 30 + TRIALS)
        assert bot.stop() == 0

    told = askers.told()
    twice, never = [name for name in told if told[name] > 1], [name for name in wanted if not told[name]]
    print(f"killed {TRIALS} times; asked {len(wanted)}, twice {len(twice)}, never {len(never)}, stray {len(told - wanted)}")
    assert told == wanted, f"twice {twice}, never {never}, stray {told - wanted}, seed {SEED}"
    for chat in askers.chats:
        asked = [(name, message.id) for name, message in askers.asked if message.chat_id == chat.id]
        assert [name for name, _ in asked] == answers(api, chat)
        if not chat.private:
            sent = [each for each in api.sent(chat) if not PATIENCE.match(each.text)]
            assert [number for _, number in asked] == [each.reply_to_message_id for each in sent]


def test_killed_between_sending_and_knowing(api: BotApi, process: Callable[..., Bot]) -> None:
    """A message that Telegram took but never confirmed is found again, and not sent a second time."""
    chat, group = api.private(ADA), api.supergroup(-1_000_000_000_050)
    with process() as bot:
        bot.listening()
        for where, person in ((chat, ADA), (group, BOB)):  # all is loaded then, so that no question waits for another
            api.say(where, person, MENTION + question(0))
            api.wait_for(lambda where=where: answers(api, where) == ["q0"])
        rule = api.fault("sendMessage", kind=faults.delay_after(60), times=None)
        api.say(chat, ADA, question(1))
        asked = api.say(group, BOB, MENTION + question(2))
        api.wait_sent(chat, 2)
        api.wait_sent(group, 2)
        first = [api.sent(each)[1].id for each in (chat, group)]
        bot.kill()
        rule.stop()
        api.down()  # whatever hangs is over
        api.up()

    with process() as bot:
        bot.listening()
        api.say(chat, ADA, question(3))
        api.say(group, BOB, MENTION + question(4))
        api.wait_for(lambda: answers(api, chat)[-1:] == ["q3"] and answers(api, group)[-1:] == ["q4"])
        assert bot.stop() == 0

    assert (["q0", "q1", "q3"], ["q0", "q2", "q4"]) == (answers(api, chat), answers(api, group))
    assert first == [api.sent(each)[1].id for each in (chat, group)]
    assert asked.id == api.sent(group)[1].reply_to_message_id


def test_deadly_question_is_given_up(api: BotApi, process: Callable[..., Bot]) -> None:
    """A question of which the process dies each time is given up with an apology, and the others are answered."""
    ada, bob = api.private(ADA), api.private(BOB)
    api.say(ada, ADA, question(1, DEADLY))
    api.say(ada, ADA, question(2))
    for _ in range(ATTEMPTS):
        with process() as bot:
            assert bot.ended() < 0

    with process() as bot:
        api.say(bob, BOB, question(3))
        api.wait_for(lambda: answers(api, ada)[-1:] == ["q2"] and answers(api, bob) == ["q3"])
        assert bot.stop() == 0

    (apology, _) = answers(api, ada)
    assert apology.startswith(texts.WENT_WRONG.partition("{")[0])
