"""Addresses are the same whether their rule has built one before or not."""

from flask import Flask, url_for

from eduforum.web.routing import QuickRule


def test_the_first_address_of_a_rule_equals_the_next() -> None:
    app = Flask(__name__)
    app.url_rule_class = QuickRule
    app.add_url_rule("/s/<slug>/", endpoint="series", defaults={"page": 1})
    app.add_url_rule("/s/<slug>/<int:page>", endpoint="series")
    with app.test_request_context():
        for _ in range(2):
            assert url_for("series", slug="a b", page=1) == "/s/a%20b/"
            assert url_for("series", slug="津", page=2, q="高") == "/s/%E6%B4%A5/2?q=%E9%AB%98"
            assert url_for("series", slug="x", page=2, rule="r") == "/s/x/2?rule=r"


def test_no_builder_is_compiled_before_an_address_is_built(app: Flask) -> None:
    builders = {rule._build.__name__ for rule in app.url_map.iter_rules()}
    assert builders == {"build_first"}
