"""`python -m atelier.gateway serve | openapi`."""

from __future__ import annotations

import argparse
import sys

import orjson


def main() -> None:
    """Run one of the gateway's commands."""
    parser = argparse.ArgumentParser(prog="python -m atelier.gateway", description=__doc__)
    parser.add_argument(
        "command", choices=["serve", "openapi"], help="serve HTTP, or print the merged OpenAPI document"
    )
    command = parser.parse_args().command
    if command == "serve":
        from atelier.gateway.main import serve

        serve()
    else:
        _print_document()


def _print_document() -> None:
    """Needs no settings but GATEWAY_OPENAPI_DIR."""
    from atelier.gateway.bootstrap import merged_document
    from atelier.gateway.main import give_up
    from atelier.gateway.openapi import DocumentError, read_documents
    from atelier.gateway.routing import RoutingError
    from atelier.gateway.settings import DocumentSettings

    try:
        document = merged_document(read_documents(DocumentSettings().openapi_dir))
    except (DocumentError, RoutingError) as wrong:
        give_up(str(wrong))
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


if __name__ == "__main__":
    main()
