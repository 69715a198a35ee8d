"""Catalog's command line."""

from atelier.catalog.bootstrap import declare
from atelier.catalog.settings import Settings
from atelier.runtime.cli import command_line

app = command_line(Settings, declare)
