"""What a Telegram chat must still show or lose, and the notices that stand on top of its screen

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("chat", sa.Column("drawn", MOMENT, nullable=True))
    op.add_column("chat", sa.Column("unseen", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "owed",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("tap", sa.String(length=64), nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_owed_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_owed")),
    )
    op.create_index(op.f("ix_owed_due"), "owed", ["due"], unique=False)


def downgrade() -> None:
    op.drop_table("owed")
    op.drop_column("chat", "unseen")
    op.drop_column("chat", "drawn")
