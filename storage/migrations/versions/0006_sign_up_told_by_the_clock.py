"""What each conference lets its parents hear by the clock: that sign-up opened, and that it will close

Off for the conferences that exist: nobody gets a message that no one chose.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conference", sa.Column("tells_opening", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conference", sa.Column("remind_days", sa.String(length=40), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("conference", "remind_days")
    op.drop_column("conference", "tells_opening")
