"""Production's command line."""

from atelier.production.bootstrap import declare
from atelier.production.settings import Settings
from atelier.runtime.cli import command_line

app = command_line(Settings, declare)
