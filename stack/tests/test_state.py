import json
import socket
import stat

import pytest

from atelier.stack import ports
from atelier.stack.data_folder import DataFolder
from atelier.stack.errors import StackError
from atelier.stack.state import State


def test_ports_and_secrets_are_the_same_at_the_next_start(tmp_path):
    first = State.load(tmp_path / "state.json")
    port, secret = first.port("kafka"), first.secret("internal_token")
    first.save()
    second = State.load(tmp_path / "state.json")
    assert (second.port("kafka"), second.secret("internal_token")) == (port, secret)


def test_a_port_taken_since_is_chosen_anew(tmp_path):
    state = State.load(tmp_path / "state.json")
    port = state.port("kafka")
    with socket.create_server(("127.0.0.1", port)):
        assert state.port("kafka") != port


def test_a_seaweedfs_port_whose_grpc_port_is_taken_is_chosen_anew(tmp_path):
    state = State.load(tmp_path / "state.json")
    port = state.port("s3", with_grpc=True)
    with socket.create_server(("127.0.0.1", port + ports.GRPC_OFFSET)):
        assert state.port("s3", with_grpc=True) != port


def test_no_two_names_share_a_port(tmp_path):
    state = State.load(tmp_path / "state.json")
    chosen = [state.port(str(number)) for number in range(50)]
    assert len(set(chosen)) == len(chosen)
    assert all(port + ports.GRPC_OFFSET < 32768 for port in chosen)


def test_secrets_are_readable_by_their_owner_only(tmp_path):
    state = State.load(tmp_path / "state.json")
    state.secret("postgres")
    state.save()
    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"ports": 1, "secrets": {}}', '{"ports": {"a": "x"}, "secrets": {}}'],
)
def test_a_damaged_state_file_is_told_in_a_sentence_that_says_what_to_do(tmp_path, content):
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(StackError, match=r"state\.json is damaged .* remove"):
        State.load(tmp_path / "state.json")


def test_a_crash_while_saving_leaves_what_was_there(tmp_path):
    state = State.load(tmp_path / "state.json")
    state.port("kafka")
    state.save()
    before = json.loads((tmp_path / "state.json").read_text())
    (tmp_path / "state.json.new").write_text("half a fi")
    assert State.load(tmp_path / "state.json").ports == before["ports"]
    state.save()
    assert json.loads((tmp_path / "state.json").read_text()) == before


def test_a_folder_in_use_is_refused_by_name_and_holder(tmp_path):
    folder = DataFolder(tmp_path / "data")
    with (
        folder.hold(),
        pytest.raises(StackError, match=r"data is in use by a running stack \(process \d+\)"),
        DataFolder(tmp_path / "data").hold(),
    ):
        pass
    assert not folder.in_use()


def test_a_file_in_the_place_of_the_data_folder_is_told_in_a_sentence(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StackError, match="DATA_DIR"), DataFolder(tmp_path / "data").hold():
        pass
    with pytest.raises(StackError, match="DATA_DIR"), DataFolder(tmp_path / "data" / "deeper").hold():
        pass
