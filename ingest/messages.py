"""What passes between this process and the one that reads apart: JSON, and bytes behind it; neither side trusts a length."""

import json
import struct
from typing import IO, Any

Message = dict[str, Any]

LENGTHS = struct.Struct(">II")
LONGEST = 200 * 1024 * 1024
READ = ("source", "media_type", "link", "charset")  # what a reader sees of a document beside its bytes
IDLE = 75  # the exit code of a process that nobody has asked for a while


def send(stream: IO[bytes] | None, message: Message, data: bytes = b"") -> None:
    """Write one message; raises OSError when nobody listens."""
    if stream is None:
        raise EOFError
    words = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(LENGTHS.pack(len(words), len(data)) + words)
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes] | None) -> tuple[Message, bytes]:
    """Read one message; raises EOFError when it is not all there, ValueError when it is none."""
    if stream is None:
        raise EOFError
    words, data = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    if max(words, data) > LONGEST:
        raise ValueError
    message: Message = json.loads(_exactly(stream, words).decode("utf-8", "surrogatepass"))
    return message, _exactly(stream, data)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise EOFError
    return found
