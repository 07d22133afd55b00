"""What each conference lets its parents hear by the clock, and calendar UIDs that no other installation gives

Off for the conferences that exist: nobody gets a message that no one chose. Bookings that exist keep the UID that
stands in people's calendars already.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conference", sa.Column("tells_opening", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conference", sa.Column("remind_days", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("school", sa.Column("plain_uids", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE school SET plain_uids = coalesce((SELECT max(id) FROM booking WHERE booking.school_id = school.id), 0)"
    )


def downgrade() -> None:
    op.drop_column("school", "plain_uids")
    op.drop_column("conference", "remind_days")
    op.drop_column("conference", "tells_opening")
