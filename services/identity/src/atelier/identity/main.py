"""Identity's command line."""

from atelier.identity.bootstrap import declare
from atelier.identity.settings import Settings
from atelier.runtime.cli import command_line

app = command_line(Settings, declare)
