"""Alembic's entry. Run through `storage.migrations.upgrading`, which hands it an open connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString

from storage.column_types import UtcDateTime, Word
from storage.tables import metadata


def _plain_types(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Revisions speak of plain SQL types: they must run for ever, whatever our own types become."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, (Word, AutoString)):
        return f"sa.String(length={30 if isinstance(item, Word) else item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_plain_types,
    transaction_per_migration=False,
)
context.run_migrations()
