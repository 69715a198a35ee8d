"""Generates operations and models from the OpenAPI document whenever the package is built."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

HERE = Path(__file__).parent
DOCUMENTS = (HERE / "openapi.json", HERE.parents[1] / "docs" / "openapi.json")
"""In a source distribution, and in a checkout."""
GENERATED = ("api", "models", "types.py")
REFERENCE = "#/components/schemas/"

Json = dict[str, Any]


class GeneratedCode(BuildHookInterface):
    """Writes what is generated beside what is written by hand, for wheels and editable installations."""

    def initialize(self, version: str, build_data: Json) -> None:
        """Raises SystemExit where the document can't be generated from."""
        if self.target_name == "wheel":
            write(HERE / "src" / "atelier_client")


def write(package: Path) -> None:
    """Replace what is generated in a package; SystemExit with the generator's complaints."""
    document = json.loads(next(one for one in DOCUMENTS if one.exists()).read_text())
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder, "openapi.json"), Path(folder, "generated")
        source.write_text(json.dumps(prepared(document)))
        complaints = generate(config=_config(source, output), custom_template_path=HERE / "generator")
        if complaints:
            sys.exit("\n".join(f"{one.header}: {one.detail}" for one in complaints))
        for name in GENERATED:
            _replace(output / name, package / name)


def prepared(document: Json) -> Json:
    """The document as the client means it: refusals are exceptions, and answers hold every field."""
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    for operation in operations:
        answers = operation["responses"]
        operation["responses"] = {status: answers[status] for status in answers if status < "400"}
    schemas = document["components"]["schemas"]
    asked = _reachable(schemas, [operation.get("requestBody") for operation in operations])
    for name in schemas.keys() - asked:
        if "properties" in schemas[name]:
            schemas[name]["required"] = list(schemas[name]["properties"])
    return document


def _reachable(schemas: Json, beginnings: object) -> set[str]:
    """The names of schemas that these refer to, directly or by others."""
    found: set[str] = set()
    due = list(_references(beginnings))
    while due:
        if (name := due.pop()) not in found:
            found.add(name)
            due.extend(_references(schemas[name]))
    return found


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.removeprefix(REFERENCE)
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _references(one)


def _config(source: Path, output: Path) -> Config:
    file = ConfigFile(literal_enums=True, use_path_prefixes_for_title_model_names=False, post_hooks=[])
    return Config.from_sources(file, MetaType.NONE, source, "utf-8", overwrite=True, output_path=output)


def _replace(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    shutil.move(source, target)
