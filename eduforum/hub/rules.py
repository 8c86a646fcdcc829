"""What may go wrong between a hub and its main server."""

from urllib.parse import urlsplit

FROM_ABOVE = "main"
"""The operator of scans that came from the main server: they are not brought up again."""
_LONGEST_PAUSE = 300
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class HubError(Exception):
    """Something that whoever runs the command can mend; the message is one sentence."""


class NoAnswer(HubError):
    """The main server did not answer, or something else did in its place."""


class Refused(HubError):
    """The main server understood and said no. code: of its problem document (RFC 9457)."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(f"The main server refused: {sentence} ({status} {code})")
        self.status, self.code = status, code


def checked_url(url: str) -> str:
    """The address of a main server without its last slash. Raises `HubError`.

    The device's secret goes there: only over HTTPS, but for a server on this very machine.
    """
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not safe or not parts.hostname or parts.path.strip("/") or parts.query:
        raise HubError("Give the main server's address as https://forum.example.org.")
    return f"{parts.scheme}://{parts.netloc}"


def is_final(error: HubError) -> bool:
    """Whether asking again is in vain: the hub was shut out, or its series is gone."""
    return isinstance(error, Refused) and error.status in (401, 403, 404)


def pause_after(seconds: int, misses: int) -> int:
    """How long to wait for the next turn: twice as long after each that found nobody, 5 minutes at most
    unless `seconds` is more."""
    return min(seconds << min(misses, 10), max(seconds, _LONGEST_PAUSE))
