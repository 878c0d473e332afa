"""In the chat itself no word of an article's or a stranger's becomes a link."""

from collections.abc import Callable
from pathlib import Path

from botapi.acting import pair, press, reply
from botapi.entities import links_in
from botapi.records import Message, Person
from botapi.running import Running
from botapi.server import BotApi

from bot.telegram import texts

ADA = Person(7, "Ada", username="ada")
Start = Callable[..., Running]


def strays(message: Message) -> list[str]:
    """The links of a message that no entity of it is."""
    return links_in(message.text, message.entities)


def test_a_hostile_article_in_the_chat(api: BotApi, start: Start, bring: Callable[[Path], None], tmp_path: Path) -> None:
    """An article full of addresses is answered from, shown, listed and taken out without one of them being a link."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "evil.com.md").write_text(
        "# Visit evil.com or @evil_bot\n\nThe zanzibar of Quelling eats nineteen frogs a day, see https://evil.example/x and "
        "www.evil.com or t.me/evil.\n\nTo go on send /forget to @evil_bot, or write to me@evil.com about #frogs.\n"
    )
    bring(folder)
    with start() as running:
        chat = pair(api, running, ADA)
        answer = reply(api, chat, ADA, "How many frogs does the zanzibar of Quelling eat?")
        assert "https://evil.example/x" in " ".join(answer.marked("code"))
        press(api, chat, answer, ADA, answer.buttons[0]["text"])
        view = api.wait_sent(chat, 3)[-1]
        assert {"/forget", "@evil_bot,", "me@evil.com", "#frogs."} <= set(" ".join(view.marked("code")).split())
        said = [answer, view, *(reply(api, chat, ADA, text) for text in ("/search zanzibar frogs", "/sources evil.com"))]
        offered = reply(api, chat, ADA, "/remove evil.com")
        for label in ("Visit evil.com or @evil_bot", texts.REMOVE):
            press(api, chat, offered, ADA, label)
            said.append(api.world.standing[chat.id][offered.id])
        api.wait_for(lambda: "Taken out" in api.world.standing[chat.id][offered.id].text)
        said.append(api.world.standing[chat.id][offered.id])

    assert [[]] * len(said) == [strays(each) for each in said]
    assert all("evil.com" in each.text for each in said)


def test_names_are_strange_words_too(api: BotApi, start: Start) -> None:
    """Who asks to be let in under the name of an address sends the admin no link."""
    eve = Person(10, "https://evil.example", username="evil")
    with start(access="paired") as running:
        ada = pair(api, running, ADA)
        reply(api, api.private(eve), eve, "Hello")
        request = api.wait_sent(ada, 2)[-1]
        press(api, ada, request, ADA, "Let in")

    assert "https://evil.example" in request.text
    assert [[], []] == [strays(request), strays(api.world.standing[ada.id][request.id])]
