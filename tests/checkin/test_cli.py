"""`flask devices …`."""

import re

from flask import Flask

from eduforum.checkin.services import enrol
from tests.factories import make_series


def test_the_printed_code_enrols_one_device(app: Flask) -> None:
    series = make_series()

    result = app.test_cli_runner().invoke(args=["devices", "enrol", "--series", series.slug])

    code = re.search(r"type (\w+)$", result.output.strip())
    assert code
    device, _token = enrol(code[1], "A 门")
    assert device.series_id == series.id
