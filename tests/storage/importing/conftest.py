"""What only the long run asks for."""

import os

collect_ignore = [] if os.environ.get("TIENMINUTEN_LONG") else ["test_libreoffice.py"]
