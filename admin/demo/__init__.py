"""The demo: a school to try, made by a seeded generator through the same files and actions that a real school uses.

Every name, address and number here is made up. Mails stay in a folder that the desk shows.
"""
