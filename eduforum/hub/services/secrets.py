"""The hub's secret at its main server, sealed like all others."""

from eduforum.core import encryption
from eduforum.core.rotation import Sealed
from eduforum.hub.models import Upstream


def sealed_token(series_id: int, token: str) -> bytes:
    return encryption.seal(token.encode(), _place(series_id))


def token_of(upstream: Upstream) -> str:
    return encryption.unseal(upstream.sealed_token, _place(upstream.series_id)).decode()


def _place(series_id: int) -> str:
    return f"upstreams:{series_id}:token"


SEALED = Sealed(Upstream.sealed_token, (Upstream.series_id,), lambda row: _place(row.series_id))
