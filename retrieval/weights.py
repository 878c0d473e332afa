"""The fitted weights, read from the data file beside this one; `tests/fit/fit.py` writes it."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt


@cache
def load_weights() -> Mapping[str, Mapping[str, float]]:
    """Step ("rank", "sentence", "confidence") to the weight of each of its features; `bias` and `threshold` stand among them."""
    loaded: Mapping[str, Mapping[str, float]] = json.loads(
        files("retrieval").joinpath("weights.json").read_text(encoding="utf-8")
    )
    return loaded


def vector(step: str, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """The weights of one step in the order of its features."""
    return np.array([load_weights()[step][name] for name in names])
