"""What is loaded before the first visitor comes is loaded for good."""

import gc

import pytest

from core.ui import warm


def test_garbage_collections_after_a_run_pass_over_what_was_loaded_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "FIRST_NEEDED", ())
    loaded = [[number] for number in range(1000)]
    before = gc.get_freeze_count()
    warm._load()
    assert gc.get_freeze_count() >= before + len(loaded)
