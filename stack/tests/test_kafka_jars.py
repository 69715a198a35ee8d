import hashlib

import pytest

from atelier.stack import kafka_jars
from atelier.stack.errors import StackError


@pytest.fixture
def one_jar(tmp_path, monkeypatch):
    """A list of a single jar, and the folder in which it lies."""
    listed = tmp_path / "list.txt"
    listed.write_text(f"# comment\norg.example:thing:1.0 {hashlib.sha256(b'right').hexdigest()}\n")
    monkeypatch.setattr(kafka_jars, "LIST", listed)
    folder = tmp_path / "jars"
    folder.mkdir()
    return folder / "thing-1.0.jar"


def nothing_told(number: int, count: int) -> None:
    raise AssertionError("nothing was to be fetched")


def test_the_list_names_every_jar_once_with_a_sha256():
    jars = kafka_jars.listed()
    assert len({jar.file_name for jar in jars}) == len(jars) > 40
    assert all(len(jar.sha256) == 64 for jar in jars)


def test_what_is_there_and_right_is_not_fetched_again(one_jar):
    one_jar.write_bytes(b"right")
    kafka_jars.install(one_jar.parent, nothing_told)
    kafka_jars.require(one_jar.parent)


def test_a_jar_of_an_earlier_list_is_removed(one_jar):
    one_jar.write_bytes(b"right")
    (one_jar.parent / "thing-0.9.jar").write_bytes(b"old")
    kafka_jars.install(one_jar.parent, nothing_told)
    assert [file.name for file in one_jar.parent.glob("*.jar")] == ["thing-1.0.jar"]


def test_a_jar_with_another_content_is_removed_and_named(one_jar):
    one_jar.write_bytes(b"wrong")
    with pytest.raises(StackError, match=r"thing-1\.0\.jar isn't what it should be"):
        kafka_jars.install(one_jar.parent, nothing_told)
    assert not one_jar.exists()


def test_a_missing_jar_is_named_with_what_to_do(one_jar):
    with pytest.raises(StackError, match=r"thing-1\.0\.jar first: run `make install`"):
        kafka_jars.require(one_jar.parent)


def test_a_download_that_fails_is_told_in_a_sentence(one_jar, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        StackError, match=r"download of org\.example:thing:1\.0 failed .* run `make install` again"
    ):
        kafka_jars.install(one_jar.parent, nothing_told)
