"""What the desk needs: letters, links to a password, second factors, calendars, erasures, and a sealed audit trail

Columns are added and dropped in place: no table is rebuilt. Whoever rebuilds `audit` on SQLite in a later revision
must make its triggers again.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW = (
    ("school", "bookings_kept", sa.Integer(), "180"),
    ("school", "leavers_kept", sa.Integer(), "60"),
    ("staff", "link", sa.String(length=64), "''"),
    ("staff", "totp", sa.String(length=64), "''"),
    ("staff", "totp_step", sa.Integer(), "0"),
    ("conference", "invitation", sa.String(length=1000), "''"),
    ("school_group", "feed", sa.String(length=64), "''"),
    ("teacher", "feed", sa.String(length=64), "''"),
)


def upgrade() -> None:
    for table, name, kind, default in NEW:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(default)))
    op.add_column("staff", sa.Column("link_until", MOMENT, nullable=True))
    op.add_column("booking", sa.Column("group_name", sa.String(length=120), nullable=True))
    op.drop_column("student", "left")
    op.add_column("student", sa.Column("left", MOMENT, nullable=True))
    _letters()
    _erasures()
    _seal_the_trail()


def downgrade() -> None:
    _unseal_the_trail()
    op.drop_table("erasure")
    op.drop_table("letter")
    op.add_column("student", sa.Column("was_left", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute('UPDATE student SET was_left = true WHERE "left" IS NOT NULL')
    op.drop_column("student", "left")
    op.alter_column("student", "was_left", new_column_name="left")
    op.drop_column("staff", "link_until")
    op.drop_column("booking", "group_name")
    for table, name, _, _ in reversed(NEW):
        op.drop_column(table, name)


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("used", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "family_id"],
            ["family.school_id", "family.id"],
            name=op.f("fk_letter_school_id_family_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_family", "letter", ["school_id", "family_id"])


def _erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("school_id", "what", "row_id", name=op.f("pk_erasure")),
    )


def _seal_the_trail() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{event.lower()} BEFORE {event} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is sealed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_sealed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is sealed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_sealed()"
    )


def _unseal_the_trail() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_refuses_{event}")
        return
    op.execute("DROP TRIGGER audit_refuses_change ON audit")
    op.execute("DROP FUNCTION audit_is_sealed()")
