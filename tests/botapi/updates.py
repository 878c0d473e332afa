"""How updates reach the bot: by long polls, or by POSTs to its webhook."""

import http.client
import json
import re
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from botapi.records import Params, refuse
from botapi.world import World

TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
LONGEST_POLL = 50
PAUSE_AFTER_ERROR = 0.05


def get_updates(world: World, params: Params, stopping: threading.Event) -> list[dict[str, Any]]:
    """What is pending from `offset` on, waited for; an older poll that still waits is terminated. Call without the lock."""
    until = time.monotonic() + min(float(params.get("timeout") or 0), LONGEST_POLL)
    limit = min(max(int(params.get("limit") or 100), 1), 100)
    with world.changed:
        _begin_poll(world, params)
        mine = world.poller
        while not stopping.is_set():
            if mine != world.poller:
                refuse(TERMINATED, 409)
            if world.webhook:
                refuse(WEBHOOK_SET, 409)
            found = (world.repeats + world.pending)[:limit]
            left = until - time.monotonic()
            if found or left <= 0:
                del world.repeats[:limit]  # they come whatever the offset is, so they come once
                return found
            world.changed.wait(left)
    return []


def set_webhook(world: World, params: Params) -> bool:
    """An address that is given every update from now on; an empty one ends it."""
    url, secret = str(params.get("url") or ""), str(params.get("secret_token") or "")
    if secret and not re.fullmatch("[A-Za-z0-9_-]{1,256}", secret):
        refuse("secret token contains unallowed characters")
    if url and not urlsplit(url).hostname:
        refuse("bad webhook: invalid webhook URL specified")
    if params.get("drop_pending_updates"):
        world.pending.clear()
    if params.get("allowed_updates") is not None:
        world.allowed = list(params["allowed_updates"])
    world.webhook = {**params, "url": url, "secret_token": secret} if url else None
    world.webhook_error = None
    return True


def delete_webhook(world: World, params: Params) -> bool:
    """Back to polling."""
    return set_webhook(world, {"drop_pending_updates": params.get("drop_pending_updates")})


def get_webhook_info(world: World, params: Params) -> dict[str, Any]:
    """Where updates go, how many wait, and what went wrong last."""
    hook = world.webhook or {}
    info = {"url": hook.get("url", ""), "has_custom_certificate": False, "pending_update_count": len(world.pending)}
    if world.allowed:
        info["allowed_updates"] = world.allowed
    if world.webhook_error:
        info |= {"last_error_date": world.webhook_error[0], "last_error_message": world.webhook_error[1]}
    return info


def _begin_poll(world: World, params: Params) -> None:
    if world.webhook:
        refuse(WEBHOOK_SET, 409)
    world.poller += 1
    if params.get("allowed_updates") is not None:
        world.allowed = list(params["allowed_updates"])
    offset = int(params.get("offset") or 0)
    if offset < 0:
        world.pending = world.pending[offset:]
    elif offset:
        world.pending = [update for update in world.pending if update["update_id"] >= offset]
    world.changed.notify_all()


class Courier(threading.Thread):
    """POSTs updates in order to the webhook while there is one, each again and again until it is taken with a 2xx."""

    def __init__(self, world: World) -> None:
        super().__init__(name="botapi-courier", daemon=True)
        self.world, self.ending, self.away = world, False, False
        self.connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Deliver until `end`."""
        world = self.world
        while not self.ending:
            with world.changed:
                world.changed.wait_for(
                    lambda: self.ending or (world.webhook and not self.away and (world.repeats or world.pending))
                )
                hook, queue = world.webhook, world.repeats or world.pending
                update = queue[0] if queue else None
            if hook and update and not self.ending:
                self._deliver(hook, update)

    def end(self) -> None:
        """Stop even in the middle of a delivery."""
        with self.world.changed:
            self.ending = True
            self.world.changed.notify_all()
        if self.connection:
            self.connection.close()
        self.join(10)

    def _has_work(self) -> bool:
        waiting = self.world.webhook and not self.away and (self.world.repeats or self.world.pending)
        return self.ending or bool(waiting)

    def _deliver(self, hook: Params, update: dict[str, Any]) -> None:
        error = self._post(hook, json.dumps(update).encode())
        with self.world.changed:
            if error:
                self.world.webhook_error = (int(time.time()), error)
            else:
                for queue in (self.world.repeats, self.world.pending):
                    queue[:] = [item for item in queue if item is not update]
            self.world.changed.notify_all()
        if error:
            time.sleep(PAUSE_AFTER_ERROR)

    def _post(self, hook: Params, body: bytes) -> str | None:
        parts = urlsplit(hook["url"])
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=5)
        secret = {"X-Telegram-Bot-Api-Secret-Token": hook["secret_token"]} if hook["secret_token"] else {}
        try:
            self.connection.request("POST", parts.path or "/", body, {"Content-Type": "application/json"} | secret)
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            return f"Connection failed: {error}"
        finally:
            self.connection.close()
        return None if 200 <= answer.status < 300 else f"Wrong response from the webhook: {answer.status} {answer.reason}"
