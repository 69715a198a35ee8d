"""`python run_fakes.py run|…`: the stack's own command line, over fake services."""

import sys

from atelier.stack import cli, services

ALPHA = services.Service("alpha", 9001, module="fake_service")
BETA = services.Service("beta", 9002, module="fake_service")
GATEWAY = services.Service("gateway", 8000, needs_database=False, ready_path="/health", module="fake_service")

sys.exit(cli.main(services=(ALPHA, BETA, GATEWAY)))
