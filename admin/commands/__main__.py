"""`python -m admin.commands …`, for where the script is not installed."""

import sys

from admin.commands import main

sys.exit(main())
