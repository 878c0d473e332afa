"""Loading a model: quietly, from this machine if it lies there, and with one sentence if it cannot be had."""

import os
from collections.abc import Callable
from functools import cached_property
from logging import ERROR, getLogger
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from retrieval.errors import ModelError

Model = TypeVar("Model")


class BuiltOnce(cached_property[Model]):
    """A cached property that threads which ask at the same time do not build twice, as those of Python 3.12 on would."""

    def __init__(self, build: Callable[[Any], Model]) -> None:
        super().__init__(build)
        self._building = RLock()

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Model:  # type: ignore[override]  # of no use on a class
        with self._building:
            return super().__get__(instance, owner)


def load_model(build: Callable[..., Model], *, name: str, setting: str) -> Model:
    """What `build(local=…)` gives: tried without the network first, for a model hub is asked only for what is not here.

    Raises ModelError, which names the setting.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging

    getLogger("huggingface_hub").setLevel(ERROR)  # or it tells of each of its attempts
    logging.disable_progress_bar()
    try:
        try:
            return build(local=True)
        except Exception:  # the library raises whatever its parts raise
            if Path(name).is_absolute() or Path(name).exists():
                raise
            return build(local=False)
    except Exception as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        message = f"The model {name!r} cannot be loaded: {reason}"
        raise ModelError(message, help=f"Set {setting} to the name or folder of a sentence-transformers model.") from error
