"""Work leaves nothing on the disk, not even after a kill."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from atelier.generation.predictions.workplace import STALE, Workplace


async def test_a_folder_is_gone_afterwards_whatever_happened(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path / "work")

    async def break_down() -> None:
        async with workplace.folder() as folder:
            (folder / "result.jpg").write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_down()
    assert list((tmp_path / "work").iterdir()) == []


async def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    async with workplace.folder() as in_use:
        left = tmp_path / "left"
        left.mkdir()
        (left / "product").write_bytes(b"x")
        long_ago = left.stat().st_mtime - STALE.total_seconds() - 1
        os.utime(left, (long_ago, long_ago))
        await workplace.clear()
        assert list(tmp_path.iterdir()) == [in_use]


async def test_two_processes_that_start_at_once_clear_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = shutil.rmtree

    def remove_all(*_: Any, **__: Any) -> None:
        for folder in tmp_path.iterdir():
            remove(folder)

    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    monkeypatch.setattr("shutil.rmtree", remove_all)
    await Workplace(tmp_path).clear()
    assert list(tmp_path.iterdir()) == []
