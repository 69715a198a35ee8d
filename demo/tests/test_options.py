"""What may be chosen, and the sentence and exit code for each mistake."""

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import main
from demo.errors import BadOptionError, LoginError
from demo.options import Login, Options
from demo.tests.conftest import draw

KNOWN = {"FIRST_SUPERUSER_EMAIL": "root@example.com", "FIRST_SUPERUSER_PASSWORD": "right"}


def test_the_first_login_of_the_data_folder_signs_in(tmp_path: Path) -> None:
    state = {
        "ports": {},
        "secrets": {"first_superuser_password": "made"},
        "first_superuser_email": "first@example.com",
        "first_login_shown": True,
    }
    (tmp_path / "state.json").write_text(json.dumps(state))
    given = {"DATA_DIR": str(tmp_path), "GATEWAY_PORT": "9000", "GATEWAY_HOST": "0.0.0.0"}
    options = Options.read(given, datetime(2026, 11, 27, 9, 30, tzinfo=UTC))
    assert options.login == Login("first@example.com", "made")
    assert options.gateway == "http://127.0.0.1:9000"
    assert options.out == tmp_path / "demo" / "2026-11-27-093000"
    assert Options.read(given | KNOWN).login == Login("root@example.com", "right")


def test_without_any_password_it_says_where_one_comes_from(tmp_path: Path) -> None:
    with pytest.raises(LoginError, match="`make run` first"):
        Options.read({"DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("IMAGES", "/nowhere/at/all", "There is no folder /nowhere/at/all"),
        ("IMAGES", __file__, "is no folder: set IMAGES"),
        ("OUT", __file__, "is no folder: set OUT"),
        ("LOOKS", "many", "LOOKS is 'many': set it to a number from 1 to 500"),
        ("LOOKS", "0", "LOOKS is '0'"),
        ("LOOKS", "501", "LOOKS is '501'"),
        ("WIDTH", "-1", "WIDTH is '-1'"),
        ("GATEWAY_PORT", "x", "GATEWAY_PORT is 'x'"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(BadOptionError) as wrong:
        Options.read(KNOWN | {name: value})
    assert sentence in str(wrong.value)


def test_empty_variables_are_as_if_they_were_not_there() -> None:
    assert Options.read(KNOWN | {"IMAGES": "", "LOOKS": " "}).images is None


def run(capsys: pytest.CaptureFixture[str], **given: str) -> tuple[int, str]:
    """The exit code and what is on stderr."""
    code = main(KNOWN | given)
    return code, capsys.readouterr().err


def test_each_mistake_has_its_exit_code_and_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, gateway_in_a_thread: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = str(probe.getsockname()[1])
    port = str(gateway_in_a_thread)
    empty, wrong = tmp_path / "empty", tmp_path / "wrong"
    empty.mkdir()
    wrong.mkdir()
    (wrong / "cut.jpg").write_bytes(draw(tmp_path / "whole.jpg", 300, 400).read_bytes()[:700])
    mistakes = [
        ({"LOOKS": "x"}, 2, "LOOKS is 'x'"),
        ({"GATEWAY_PORT": nobody}, 3, f"Nothing answers at http://127.0.0.1:{nobody}: start `make run`"),
        (
            {"GATEWAY_PORT": port, "FIRST_SUPERUSER_PASSWORD": "wrong"},
            4,
            f"http://127.0.0.1:{port} doesn't take",
        ),
        ({"GATEWAY_PORT": port, "IMAGES": str(empty)}, 2, f"{empty} holds no picture"),
        (
            {"GATEWAY_PORT": port, "IMAGES": str(wrong)},
            2,
            f"No picture in {wrong} can be read: cut.jpg (no whole",
        ),
    ]
    for given, code, sentence in mistakes:
        ended, said = run(capsys, **given)
        assert ended == code
        assert said.startswith(f"demo: {sentence}")
        assert said.count("\n") == 1
