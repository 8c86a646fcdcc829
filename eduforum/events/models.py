"""Series, host regions, organisations, events, and grants."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.accounts.models import ApiToken, User
from eduforum.core import clock
from eduforum.core.db import Model, Named
from eduforum.events.rules import EventState, Field, Kind, Mode
from eduforum.web.access import Role

_FIRST_YEAR = 1949


class Region(Named, Model):
    """A partner that takes its turn as host. `code` is the GB/T 2260 province code."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    """The one character that stands for it: 京, 津, 冀."""
    position: Mapped[int]


class Series(Named, Model):
    """One edition's events under one host.

    host: the host as announced; `host_region_code` only where it is one of the partners.
    sample: times, rooms, seats and people are made up, and every page says so.
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    edition: Mapped[int | None]
    host: Mapped[str] = mapped_column(default="")
    host_en: Mapped[str] = mapped_column(default="")
    host_region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    said: Mapped[str] = mapped_column(default="")
    aliases: Mapped[list[str]] = mapped_column(default=list)
    sample: Mapped[bool] = mapped_column(default=False)
    published: Mapped[bool] = mapped_column(default=True)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    press_places: Mapped[int | None]
    press_per_outlet: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    """Moves with every change that the public pages show."""

    host_region: Mapped[Region | None] = relationship()

    @property
    def hosts_take_turns(self) -> bool:
        """Whether the partners host it in turn, year by year: then its edition is the year."""
        return self.host_region_code is not None and (self.edition or 0) > _FIRST_YEAR

    __table_args__ = (CheckConstraint("number BETWEEN 1 AND 16777215", name="number_fits_u24"),)


class Organisation(Named, Model):
    """A unit: authority, school, company, media house."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(unique=True)
    pinyin: Mapped[str] = mapped_column(default="")
    type: Mapped[str] = mapped_column(default="")
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))


class OrganisationAlias(Model):
    """Another name under which forms and imports find the organisation."""

    __tablename__ = "organisation_aliases"

    alias: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )

    organisation: Mapped[Organisation] = relationship()


class KnownOutlet(Model):
    """A media organisation named in the series' announcement."""

    __tablename__ = "known_outlets"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)


class Event(Named, Model):
    """One meeting, ceremony or forum of a series.

    sequence: grows with every change that calendars must learn of (RFC 5545, SEQUENCE).
    topics: what the announcement says is launched here, in order.
    """

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    slug: Mapped[str]
    kind: Mapped[Kind]
    mode: Mapped[Mode] = mapped_column(default=Mode.ONSITE)
    field: Mapped[Field | None]
    state: Mapped[EventState] = mapped_column(default=EventState.SCHEDULED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    room: Mapped[str] = mapped_column(default="")
    room_en: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(default="")
    description_zh: Mapped[str] = mapped_column(default="")
    description_en: Mapped[str] = mapped_column(default="")
    topics: Mapped[list[str]] = mapped_column(default=list)
    sequence: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    series: Mapped[Series] = relationship()

    __table_args__ = (
        UniqueConstraint("series_id", "slug"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "series_id", "starts_at"),
    )


class Grant(Model):
    """What a person may do: one role in one series; without a series, in all (admins)."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    role: Mapped[Role]

    user: Mapped[User] = relationship()
    series: Mapped[Series | None] = relationship()

    __table_args__ = (
        UniqueConstraint("user_id", "series_id", "role"),
        CheckConstraint("(role = 'admin') = (series_id IS NULL)", name="admin_everywhere"),
        Index(
            "uq_grants_admin",
            "user_id",
            unique=True,
            sqlite_where=text("series_id IS NULL"),
            postgresql_where=text("series_id IS NULL"),
        ),
    )


class TokenGrant(Model):
    """A series that an API token reaches."""

    __tablename__ = "token_grants"

    token_id: Mapped[int] = mapped_column(
        ForeignKey("api_tokens.id", ondelete="CASCADE"), primary_key=True
    )
    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )

    token: Mapped[ApiToken] = relationship()
