"""Conferences, plannings and their times: made, checked and published by the school."""
