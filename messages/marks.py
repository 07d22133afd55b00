"""The signs that stand before a sentence or beside a time: one for each thing, wherever it is said.

Templates have them as `marks.booked` and so on; whoever reads no sign reads the words beside it. Imports nothing.
"""

from typing import Final

BOOKED: Final = "✓"
MARKS: Final = {
    "booked": BOOKED,
    "moved": "🔁",
    "cancelled": "❌",
    "when": "📅",
    "who": "👤",
    "where": "📍",
    "reminder": "🔔",
    "signed_in": "👋",
    "news": "ℹ️",
    "warning": "⚠️",
}
