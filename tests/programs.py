"""Programs that call the API with a token, and golden answers without what differs every time."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eduforum.events import grants
from eduforum.events.models import Series
from eduforum.web.access import Scope
from tests.golden import assert_golden
from tests.pages import BASE

API = "/api/v1"


class Program:
    """A client of the API; without scopes it has no token."""

    def __init__(self, client: FlaskClient, *scopes: Scope, series: Series | None = None) -> None:
        self.client = client
        self.headers: dict[str, str] = {}
        if scopes and series:
            _, secret = grants.add_token("test", list(scopes), [series.id])
            self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(
            f"{API}{path}", query_string=query, headers=self.headers, base_url=BASE
        )

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"{API}{path}", json=body, headers=self.headers | more, base_url=BASE
        )

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(f"{API}{path}", headers=self.headers, base_url=BASE)


def assert_answer(answer: TestResponse, golden: Path, names: Mapping[str, object]) -> None:
    """Compare a JSON answer with its golden file; `names` are written as `<name>` there."""
    text = json.dumps(answer.get_json(), ensure_ascii=False, indent=2)
    for name, value in names.items():
        text = text.replace(str(value), f"<{name}>")
    text = re.sub(r"/r/[\w.-]+", "/r/<secret>", text)
    assert_golden(f"{answer.status_code} {answer.content_type}\n{text}\n", golden)
