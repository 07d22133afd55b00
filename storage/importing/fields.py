"""The front of the checks: a sheet and a mapping in, checked rows and errors by line out. No database here."""

from storage.importing.checks import Read
from storage.importing.planning_fields import PlanningRow, planning_rows
from storage.importing.reasons import RowError
from storage.importing.student_fields import StudentRow, student_rows

__all__ = ["PlanningRow", "Read", "RowError", "StudentRow", "planning_rows", "student_rows"]
