"""How far the clock has read the audit trail, for chats and for compaction; and a child's bookings at hand

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trail_read",
        sa.Column("reader", sa.String(length=30), nullable=False),
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_trail_read")),
    )
    op.create_index("ix_booking_student", "booking", ["school_id", "student_id"])


def downgrade() -> None:
    op.drop_index("ix_booking_student", "booking")
    op.drop_table("trail_read")
