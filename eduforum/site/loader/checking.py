"""Turn a series file into a plan, or into the list of its mistakes."""

from collections.abc import Callable, Collection, Mapping
from datetime import time

from eduforum.events.rules import MOST_SLUG, SLUG, Field, Kind, Mode
from eduforum.events.services import is_zone
from eduforum.registration.rules import Admission
from eduforum.registration.services.settings import MOST_CODE
from eduforum.site.loader.asking import form_named, read_forms
from eduforum.site.loader.nodes import BadFile, Node, near, once, parse, shown
from eduforum.site.loader.plans import (
    AgreementPlan,
    CategoryPlan,
    EventPlan,
    FilePlan,
    FormPlan,
    OrganisationPlan,
    OrganisationType,
    PressPlan,
    RegionPlan,
    SeriesPlan,
)

_FIELDS = {field.value: field for field in Field}
_MOST_CLASSES = 254

# Rooms and hosts that the announcements name, in English. A file may say otherwise (`room_en`,
# `host_en`).
_ENGLISH = {
    "主会场": "Main hall",
    "第一分会场": "Forum room 1",
    "第二分会场": "Forum room 2",
    "第三分会场": "Forum room 3",
    "报告厅": "Lecture hall",
    "多功能厅": "Multi-purpose hall",
    "展厅": "Exhibition hall",
    "体育馆": "Sports hall",
    "培训基地": "Training base",
    "天津市武清区": "Wuqing District, Tianjin",
}


def check(
    content: bytes, is_organisation: Callable[[str], bool], known_regions: Mapping[str, str]
) -> FilePlan:
    """What the file says. Raises `BadFile` with every mistake.

    is_organisation: whether a name or alias is on record already, besides those in the file.
    known_regions: the regions on record, English names by Chinese ones.
    """
    root = Node(parse(content), "", [])
    root.has("series", "host_regions organisations scale_said")
    root["scale_said"].items()  # figures for tests of load: nothing of them is stored
    regions = tuple(_region(node) for node in root["host_regions"].items())
    once(node["code"] for node in root["host_regions"].items())
    hosts = {**known_regions, **{region.zh: region.en for region in regions}}
    organisations = tuple(_organisation(node, hosts) for node in root["organisations"].items())
    _check_names_mean_one(root["organisations"].items())
    parties = _Organisations(
        {name for plan in organisations for name in (plan.zh, *plan.aliases)}, is_organisation
    )
    series = tuple(_series(node, hosts, parties) for node in root["series"].items())
    once(node["slug"] for node in root["series"].items())
    if root.mistakes:
        raise BadFile(list(dict.fromkeys(root.mistakes)))
    return FilePlan(regions=regions, organisations=organisations, series=series)


class _Organisations:
    """The organisations that a file may name: its own, and those on record."""

    def __init__(self, named: Collection[str], is_organisation: Callable[[str], bool]) -> None:
        self._named, self._is_organisation = named, is_organisation

    def named(self, node: Node) -> str:
        name = node.text()
        if name and name not in self._named and not self._is_organisation(name):
            hint = near(name, self._named)
            node.wrong(f"{shown(name)} is not in organisations, by name or alias{hint}")
        return name


def _region(node: Node) -> RegionPlan:
    node.has("code zh", "en")
    return RegionPlan(code=node["code"].text(20), zh=node["zh"].text(), en=node["en"].text())


def _organisation(node: Node, regions: Collection[str]) -> OrganisationPlan:
    node.has("zh type", "en aliases region")
    region = node["region"].text()
    if region and region not in regions:
        node["region"].wrong(f"{shown(region)} is not the name of a region{near(region, regions)}")
    return OrganisationPlan(
        path=node.path,
        zh=node["zh"].text(),
        en=node["en"].text(),
        aliases=_texts(node["aliases"]),
        region=region,
        type=node["type"].choice(OrganisationType, OrganisationType.OTHER),
    )


def _check_names_mean_one(nodes: list[Node]) -> None:
    """A name or alias means one organisation."""
    names = [node["zh"] for node in nodes]
    once(names + [alias for node in nodes for alias in node["aliases"].items()])


def _series(node: Node, regions: Mapping[str, str], organisations: _Organisations) -> SeriesPlan:
    node.has(
        "slug zh events",
        "en edition earlier_editions host host_en said time_zone aliases categories_named "
        "forms sample_categories press",
    )
    host, zone = node["host"].text(), node["time_zone"].text() or "Asia/Shanghai"
    if not is_zone(zone):
        node["time_zone"].wrong(f"{shown(zone)} is not a time zone, such as Asia/Shanghai")
    _texts(node["categories_named"])
    earlier = node["earlier_editions"].number(least=0)
    events = tuple(_event(child, organisations) for child in node["events"].items())
    forms = read_forms(node["forms"])
    once(child["slug"] for child in node["events"].items())
    return SeriesPlan(
        slug=_slug(node["slug"]),
        zh=node["zh"].text(),
        en=node["en"].text(),
        edition=node["edition"].number() or (earlier + 1 if earlier is not None else None),
        host=host,
        host_en=node["host_en"].text() or regions.get(host) or _ENGLISH.get(host, ""),
        time_zone=zone,
        said=node["said"].text(),
        aliases=_texts(node["aliases"]),
        events=events,
        forms=forms,
        categories=_categories(node["sample_categories"], events, forms),
        press=None if node["press"].missing else _press(node["press"], organisations),
    )


def _event(node: Node, organisations: _Organisations) -> EventPlan:
    node.has("slug kind zh sample", "en said field hybrid agreements plaques topics_named")
    hybrid, sample = node["hybrid"].flag(), node["sample"]
    sample.has("day starts ends", "room room_en seats online_seats")
    starts, ends = sample["starts"].clock(), sample["ends"].clock()
    if starts and ends and starts >= ends:
        sample["ends"].wrong(f"{shown(sample['ends'].value)} is not after starts")
    if not (hybrid or sample["online_seats"].missing):
        sample["online_seats"].wrong("is for events with hybrid: true")
    slug, room = _slug(node["slug"]), sample["room"].text()
    return EventPlan(
        slug=slug,
        kind=node["kind"].choice(Kind, Kind.FORUM),
        mode=Mode.HYBRID if hybrid else Mode.ONSITE,
        field=_field(node["field"], slug),
        zh=node["zh"].text(),
        en=node["en"].text(),
        said=node["said"].text(),
        day=sample["day"].number(1) or 1,
        starts=starts or time.min,
        ends=ends or time.max,
        room=room,
        room_en=sample["room_en"].text() or _ENGLISH.get(room, ""),
        seats=sample["seats"].number(),
        online_seats=sample["online_seats"].number(),
        topics=_texts(node["topics_named"]),
        agreements=tuple(_agreement(n, organisations) for n in node["agreements"].items()),
        plaques=tuple(_plaque(n) for n in node["plaques"].items()),
    )


def _agreement(node: Node, organisations: _Organisations) -> AgreementPlan:
    node.has("zh parties", "en said")
    parties = node["parties"].items()
    if isinstance(node["parties"].value, list) and len(parties) < 2:
        node["parties"].wrong(f"{len(parties)} named; an agreement has at least two parties")
    once(parties)
    return AgreementPlan(
        zh=node["zh"].text(),
        en=node["en"].text(),
        said=node["said"].text(),
        parties=tuple(organisations.named(party) for party in parties),
    )


def _plaque(node: Node) -> tuple[str, str]:
    node.has("zh", "en")
    return node["zh"].text(), node["en"].text()


def _categories(
    node: Node, events: tuple[EventPlan, ...], forms: tuple[FormPlan, ...]
) -> tuple[CategoryPlan, ...]:
    children = node.items()
    if len(children) > _MOST_CLASSES:
        node.wrong(f"has {len(children)} categories; a series has at most {_MOST_CLASSES}")
    once(child["code"] for child in children)
    named = {event.slug: event for event in events}
    return tuple(_category(child, named, forms) for child in children)


def _category(
    node: Node, events: Mapping[str, EventPlan], forms: tuple[FormPlan, ...]
) -> CategoryPlan:
    node.has(
        "code zh admission events",
        "en seats online_seats waiting guardian_consent asks_id form",
    )
    chosen = [(child, child.text()) for child in node["events"].items()]
    once(child for child, _slug in chosen)
    if node["events"].value == []:
        node["events"].wrong("is empty; a category is for at least one event")
    for child, slug in chosen:
        if slug and slug not in events:
            child.wrong(f"{shown(slug)} is no event of this series{near(slug, events)}")
    online = node["online_seats"].number()
    if online and not any(
        events[slug].mode is Mode.HYBRID for _child, slug in chosen if slug in events
    ):
        node["online_seats"].wrong("is for categories with an event that has hybrid: true")
    return CategoryPlan(
        path=node.path,
        code=_slug(node["code"], MOST_CODE),
        zh=node["zh"].text(),
        en=node["en"].text(),
        admission=node["admission"].choice(Admission, Admission.BY_APPROVAL),
        seats=node["seats"].number(),
        online_seats=online,
        waiting=node["waiting"].number(least=0),
        guardian_consent=node["guardian_consent"].flag(),
        asks_id=None if node["asks_id"].missing else node["asks_id"].flag(),
        form=form_named(node["form"], forms),
        events=tuple(slug for _child, slug in chosen),
    )


def _press(node: Node, organisations: _Organisations) -> PressPlan:
    node.has("", "said outlets_known sample")
    node["said"].text()
    sample = node["sample"].has("", "places per_outlet")
    once(node["outlets_known"].items())
    return PressPlan(
        places=sample["places"].number(),
        per_outlet=sample["per_outlet"].number(),
        outlets=tuple(organisations.named(child) for child in node["outlets_known"].items()),
    )


def _field(node: Node, slug: str) -> Field | None:
    """The field of education: as the file says, else by what the slug starts with."""
    if not node.missing:
        return node.choice(Field, Field.HIGHER)
    return _FIELDS.get(slug.partition("-")[0])


def _slug(node: Node, most: int = MOST_SLUG) -> str:
    slug = node.text()
    if slug and (not SLUG.fullmatch(slug) or len(slug) > most):
        node.wrong(
            f"{shown(slug)} does not fit an address: lower-case letters, digits, hyphens, "
            f"at most {most}"
        )
    return slug


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(child.text() for child in node.items())
