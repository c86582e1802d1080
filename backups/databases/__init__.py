"""Copying a whole database out and in: one module for each engine, with the same functions.

frozen()    one moment of the database, for as long as the context lasts; others go on writing
is_empty()  whether there is no table at all; opens nothing for writing
accept()    looks at the copy inside a backup, and may lay it ready; raises BrokenBackup, RestoreRefused
put()       brings it in, whole or not at all
let_go()    removes what was laid ready
facts()     what the database says of itself now
"""

from types import ModuleType

from django.db import connection

from backups.databases import postgres, sqlite


def engine() -> ModuleType:
    return sqlite if connection.vendor == "sqlite" else postgres
