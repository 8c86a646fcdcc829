"""Scans are facts: the database itself refuses to change or delete one

Only the two columns that may hold something about a person can be emptied, as an erasure does.

Revision ID: 0003_scans_are_facts
Revises: 0002_uploads
"""

from alembic import op

revision = "0003_scans_are_facts"
down_revision = "0002_uploads"
branch_labels = None
depends_on = None

FIXED = (
    "id, series_id, point_id, device_id, operator, ticket_id, seq, code_hash, content_hash, "
    "direction, verdict, local_verdict, quarantined, first, flags, undoes_id, scanned_at, "
    "received_at, effective_at"
)
# A reason of a supervisor is replaced by a mark, not removed: that it was an override is a fact.
SQLITE = (
    f"""CREATE TRIGGER scans_stay BEFORE UPDATE OF {FIXED} ON scans
    BEGIN SELECT RAISE(ABORT, 'a scan is a fact and is never changed'); END""",
    """CREATE TRIGGER scans_only_forget BEFORE UPDATE OF answers, override ON scans
    WHEN NEW.answers NOT IN (OLD.answers, '{}')
      OR NEW.override NOT IN
          (OLD.override, CASE WHEN OLD.override = '' THEN '' ELSE 'erased' END)
    BEGIN SELECT RAISE(ABORT, 'a scan is a fact and is never changed'); END""",
    """CREATE TRIGGER scans_are_kept BEFORE DELETE ON scans
    BEGIN SELECT RAISE(ABORT, 'a scan is a fact and is never deleted'); END""",
)
POSTGRES = (
    """CREATE FUNCTION scans_are_facts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            RAISE 'a scan is a fact and is never deleted';
        END IF;
        IF to_jsonb(NEW) - 'answers' - 'override' <> to_jsonb(OLD) - 'answers' - 'override'
            OR NEW.answers NOT IN (OLD.answers, '{}')
            OR NEW.override NOT IN
                (OLD.override, CASE WHEN OLD.override = '' THEN '' ELSE 'erased' END)
        THEN
            RAISE 'a scan is a fact and is never changed';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER scans_stay BEFORE UPDATE ON scans
    FOR EACH ROW EXECUTE FUNCTION scans_are_facts()""",
    """CREATE TRIGGER scans_are_kept BEFORE DELETE ON scans
    FOR EACH ROW EXECUTE FUNCTION scans_are_facts()""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("scans_stay", "scans_only_forget", "scans_are_kept"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER scans_stay ON scans")
        op.execute("DROP TRIGGER scans_are_kept ON scans")
        op.execute("DROP FUNCTION scans_are_facts()")
