"""One file per area of the desk: its routes, which read a form, call storage and show a template.

A page holds no rule: what may be done is decided in storage. Each file has a `router`, listed in admin/app.py.
"""
