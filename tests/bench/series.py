"""The series that everything is measured in."""

import json
from pathlib import Path

from tests.bench.measuring import SERIES


def series_file(folder: Path) -> Path:
    """A series with one event and one open category that never fills."""
    names = {"zh": "压力测试系列", "en": "Benchmark series"}
    sample = {"day": 1, "starts": "09:00", "ends": "17:00", "room": "主会场", "seats": 1_000_000}
    events = [
        {
            "slug": f"event-{n}",
            "kind": "forum",
            "sample": sample,
            "zh": f"论坛{n}",
            "en": f"Forum {n}",
        }
        for n in range(1, 8)
    ]
    category = {"code": "visitor", "zh": "旁听", "en": "Visitor", "admission": "open",
                "seats": 1_000_000, "events": [event["slug"] for event in events]}  # fmt: skip
    content = {
        "host_regions": [{"code": "12", "zh": "天津市", "en": "Tianjin"}],
        "series": [{"slug": SERIES, **names, "host": "天津市", "time_zone": "Asia/Shanghai",
                    "events": events, "sample_categories": [category]}],
        "organisations": [{"zh": "天津大学", "region": "天津市", "type": "university"}],
    }  # fmt: skip
    path = folder / "bench.yaml"
    path.write_text(json.dumps(content, ensure_ascii=False))  # JSON is YAML
    return path
