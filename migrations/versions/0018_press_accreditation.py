"""The press: outlets, applications, people, checks, questions to outlets, appeals, settings

Revision ID: 0018_press_accreditation
Revises: 0017_review_queue
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_press_accreditation"
down_revision = "0017_review_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outlets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "central",
                "local",
                "trade",
                "new_media",
                "hk_macao_taiwan",
                "foreign",
                name="outlettype",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("proposed", "verified", name="outletstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.String(), nullable=False),
        sa.Column("verified_method", sa.String(), nullable=False),
        sa.Column("verified_note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'verified') = (verified_at IS NOT NULL AND verified_method <> '')",
            name=op.f("ck_outlets_verified_by_a_method"),
        ),
        sa.CheckConstraint("name_zh <> ''", name=op.f("ck_outlets_has_name")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_outlets_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
        sa.UniqueConstraint("name_zh", name=op.f("uq_outlets_name_zh")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_outlets_organisation_id")),
    )
    op.create_index(op.f("ix_outlets_pinyin"), "outlets", ["pinyin"], unique=False)

    op.create_table(
        "press_settings",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("criteria_zh", sa.String(), nullable=False),
        sa.Column("criteria_en", sa.String(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("security_check", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "answer_days BETWEEN 1 AND 30", name=op.f("ck_press_settings_answers_in_time")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_press_settings_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_press_settings")),
    )
    op.create_table(
        "press_windows",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column(
            "media_group",
            sa.Enum(
                "mainland",
                "hk_macao_taiwan",
                "foreign",
                name="mediagroup",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "required", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_press_windows_opens_for_a_time")),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_press_windows_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", "media_group", name=op.f("pk_press_windows")),
    )
    op.create_table(
        "outlet_aliases",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["outlets.id"],
            name=op.f("fk_outlet_aliases_outlet_id_outlets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_outlet_aliases")),
    )
    op.create_index(
        op.f("ix_outlet_aliases_outlet_id"), "outlet_aliases", ["outlet_id"], unique=False
    )

    op.create_table(
        "outlet_ties",
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["outlets.id"],
            name=op.f("fk_outlet_ties_outlet_id_outlets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("outlet_id", "actor", name=op.f("pk_outlet_ties")),
    )
    op.create_table(
        "press_applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "screening",
                "needs_info",
                "verified",
                "checking",
                "approved",
                "held",
                "rejected",
                "appealed",
                "upheld",
                "overturned",
                "withdrawn",
                "closed",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("outlet_name", sa.String(), nullable=False),
        sa.Column(
            "outlet_type",
            sa.Enum(
                "central",
                "local",
                "trade",
                "new_media",
                "hk_macao_taiwan",
                "foreign",
                name="outlettype",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "media_group",
            sa.Enum(
                "mainland",
                "hk_macao_taiwan",
                "foreign",
                name="mediagroup",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("freelance", sa.Boolean(), nullable=False),
        sa.Column("focal_name", sa.String(), nullable=False),
        sa.Column("focal_mobile", sa.String(), nullable=False),
        sa.Column("focal_email", sa.String(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("customs_id", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column(
            "consents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("submit_id", sa.String(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("rejected_by", sa.String(), nullable=False),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identity_erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (outlet_id IS NOT NULL AND number <> '' AND submitted_at IS NOT NULL)",
            name=op.f("ck_press_applications_sent_in_has_outlet_and_number"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('rejected', 'appealed', 'upheld') OR reason_code <> ''",
            name=op.f("ck_press_applications_rejected_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"], ["outlets.id"], name=op.f("fk_press_applications_outlet_id_outlets")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_press_applications_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_applications")),
        sa.UniqueConstraint("submit_id", name=op.f("uq_press_applications_submit_id")),
    )
    op.create_index(
        op.f("ix_press_applications_focal_email"),
        "press_applications",
        ["focal_email"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_applications_focal_mobile"),
        "press_applications",
        ["focal_mobile"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_applications_outlet_id"), "press_applications", ["outlet_id"], unique=False
    )
    op.create_index(
        op.f("ix_press_applications_series_id_media_group_submitted_at"),
        "press_applications",
        ["series_id", "media_group", "submitted_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_applications_series_id_state_submitted_at_id"),
        "press_applications",
        ["series_id", "state", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_applications_series_id_submitted_at_id"),
        "press_applications",
        ["series_id", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_press_applications_number",
        "press_applications",
        ["series_id", "number"],
        unique=True,
        sqlite_where=sa.text("number <> ''"),
        postgresql_where=sa.text("number <> ''"),
    )
    op.create_index(
        "uq_press_applications_one_per_outlet",
        "press_applications",
        ["series_id", "outlet_id"],
        unique=True,
        sqlite_where=sa.text(
            "outlet_id IS NOT NULL AND NOT freelance AND state NOT IN ('withdrawn', 'closed')"
        ),
        postgresql_where=sa.text(
            "outlet_id IS NOT NULL AND NOT freelance AND state NOT IN ('withdrawn', 'closed')"
        ),
    )

    op.create_table(
        "press_event_places",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_press_event_places_not_negative")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_press_event_places_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_press_event_places")),
    )
    op.create_table(
        "press_appeals",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["press_applications.id"],
            name=op.f("fk_press_appeals_application_id_press_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_press_appeals")),
    )
    op.create_table(
        "press_checks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "item",
            sa.Enum(
                "letter_sealed",
                "letter_event",
                "letter_dates",
                "letter_staff",
                "contact",
                "customs",
                "card",
                "photo",
                "identity",
                "visa",
                "equipment",
                name="item",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("ok", "bad", "open", name="verdict", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["press_applications.id"],
            name=op.f("fk_press_checks_application_id_press_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "item", "subject", name=op.f("pk_press_checks")),
    )
    op.create_table(
        "press_info_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint(
            "answer_by > asked_at", name=op.f("ck_press_info_requests_time_to_answer")
        ),
        sa.CheckConstraint(
            "round BETWEEN 1 AND 3", name=op.f("ck_press_info_requests_three_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["press_applications.id"],
            name=op.f("fk_press_info_requests_application_id_press_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_info_requests")),
        sa.UniqueConstraint(
            "application_id", "round", name=op.f("uq_press_info_requests_application_id_round")
        ),
    )
    op.create_table(
        "press_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["press_applications.id"],
            name=op.f("fk_press_notes_application_id_press_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_notes")),
    )
    op.create_index(
        op.f("ix_press_notes_application_id"), "press_notes", ["application_id"], unique=False
    )

    op.create_table(
        "press_people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "undecided",
                "approved",
                "held",
                "rejected",
                "printed",
                "collected",
                "suspended",
                "lost",
                "reissued",
                "revoked",
                "expired_uncollected",
                "withdrawn",
                "closed",
                name="passstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("resume", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "text",
                "photo",
                "camera",
                "live",
                "technician",
                "driver",
                name="jobrole",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("press_card", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("id_type", sa.String(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_index", sa.String(), nullable=False),
        sa.Column("nationality", sa.String(), nullable=False),
        sa.Column(
            "visa",
            sa.Enum(
                "", "j1", "j2", "applying", "not_needed", name="visa", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column(
            "coverage",
            sa.Enum("none", "recorded", "live", name="coverage", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("pool", sa.Boolean(), nullable=False),
        sa.Column(
            "security",
            sa.Enum("", "clear", "not_clear", name="checkresult", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "zones", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "proposed_zones",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("identity_erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(id_number IS NULL) = (id_index = '')",
            name=op.f("ck_press_people_id_number_has_index"),
        ),
        sa.CheckConstraint(
            "(state = 'suspended') = (resume <> '')",
            name=op.f("ck_press_people_suspended_can_resume"),
        ),
        sa.CheckConstraint(
            "NOT (state IN ('approved', 'printed', 'collected', 'suspended', 'lost', 'reissued')) OR (valid_from IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_press_people_pass_has_validity"),
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from",
            name=op.f("ck_press_people_valid_for_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["press_applications.id"],
            name=op.f("fk_press_people_application_id_press_applications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_press_people_series_id_series")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_press_people_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_people")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_press_people_ticket_id")),
    )
    op.create_index(
        op.f("ix_press_people_application_id_place"),
        "press_people",
        ["application_id", "place"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_people_series_id_id_index"),
        "press_people",
        ["series_id", "id_index"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_people_series_id_name_key"),
        "press_people",
        ["series_id", "name_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_people_series_id_press_card"),
        "press_people",
        ["series_id", "press_card"],
        unique=False,
    )
    op.create_index(
        op.f("ix_press_people_series_id_state"),
        "press_people",
        ["series_id", "state"],
        unique=False,
    )
    op.create_index(
        "uq_press_people_one_pass",
        "press_people",
        ["series_id", "id_index"],
        unique=True,
        sqlite_where=sa.text(
            "id_index <> '' AND state IN ('approved', 'printed', 'collected', 'suspended', 'lost', 'reissued')"
        ),
        postgresql_where=sa.text(
            "id_index <> '' AND state IN ('approved', 'printed', 'collected', 'suspended', 'lost', 'reissued')"
        ),
    )

    op.create_table(
        "press_equipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name=op.f("ck_press_equipment_some")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["press_people.id"],
            name=op.f("fk_press_equipment_person_id_press_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_equipment")),
    )
    op.create_index(
        op.f("ix_press_equipment_person_id"), "press_equipment", ["person_id"], unique=False
    )

    op.create_table(
        "press_info_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "item",
            sa.Enum(
                "letter_sealed",
                "letter_event",
                "letter_dates",
                "letter_staff",
                "contact",
                "customs",
                "card",
                "photo",
                "identity",
                "visa",
                "equipment",
                name="item",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["press_info_requests.id"],
            name=op.f("fk_press_info_items_request_id_press_info_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_info_items")),
        sa.UniqueConstraint(
            "request_id",
            "item",
            "subject",
            name=op.f("uq_press_info_items_request_id_item_subject"),
        ),
    )
    op.create_table(
        "press_interviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("with_whom", sa.String(), nullable=False),
        sa.Column("topics", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "accepted",
                "declined",
                "moved",
                name="interviewstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'moved') OR (starts_at IS NOT NULL AND ends_at > starts_at)",
            name=op.f("ck_press_interviews_agreed_has_time"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["press_people.id"],
            name=op.f("fk_press_interviews_person_id_press_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_interviews")),
        sa.UniqueConstraint("person_id", "place", name=op.f("uq_press_interviews_person_id_place")),
    )
    op.create_index(
        op.f("ix_press_interviews_person_id"), "press_interviews", ["person_id"], unique=False
    )

    op.create_table(
        "press_person_events",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_press_person_events_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["press_people.id"],
            name=op.f("fk_press_person_events_person_id_press_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "event_id", name=op.f("pk_press_person_events")),
    )
    op.create_index(
        op.f("ix_press_person_events_event_id"), "press_person_events", ["event_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("press_person_events")
    op.drop_table("press_interviews")
    op.drop_table("press_info_items")
    op.drop_table("press_equipment")
    op.drop_table("press_people")
    op.drop_table("press_notes")
    op.drop_table("press_info_requests")
    op.drop_table("press_checks")
    op.drop_table("press_appeals")
    op.drop_table("press_event_places")
    op.drop_table("press_applications")
    op.drop_table("outlet_ties")
    op.drop_table("outlet_aliases")
    op.drop_table("press_windows")
    op.drop_table("press_settings")
    op.drop_table("outlets")
