"""SIGTERM ends the real app within seconds, whatever is under way and whatever the machine's clock shows."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest
from ports import free_port
from publishing_stage import add_items, tell

from core.bootstrap import Slotwise, assemble
from core.settings import Settings
from core.vocabulary import ChannelKind, ItemState

ROOT = Path(__file__).resolve().parents[2]
THREADS, ITEMS = 8, 12
READY_SECONDS, POLL_SECONDS = 60, 0.1
RECEIVER_PATIENCE = 4
"""Seconds a webhook is waited for: as long as the outcome of what is being sent is not known."""
AT_MOST_SECONDS = 12
HALF_A_REQUEST = b"POST /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n{"


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def app(house: Slotwise, port: int, set_back: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the app on this installation."""
    victim = str(Path(__file__).with_name("shutdown_victim.py"))
    own = {
        "SLOTWISE_DATA_DIR": str(house.settings.data_dir),
        "SLOTWISE_DATABASE_URL": house.settings.database_url,
        "SLOTWISE_ENGINE_THREADS": str(THREADS),
        "SLOTWISE_WEBHOOK_ALLOW_PRIVATE": "1",
        "SLOTWISE_WEBHOOK_TIMEOUT_SECONDS": str(RECEIVER_PATIENCE),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, victim, str(set_back), "run", "Home.py", "--server.headless", "true"]
    with subprocess.Popen([*command, "--server.port", str(port)], cwd=ROOT, env=os.environ | own) as process:  # noqa: S603 - ours
        try:
            for _ in range(int(READY_SECONDS / POLL_SECONDS)):
                if answers(port):
                    break
                with pytest.raises(subprocess.TimeoutExpired):  # it lives
                    process.wait(POLL_SECONDS)
            yield process
        finally:
            process.kill()


@pytest.mark.slow
def test_an_app_that_is_sending_ends_within_seconds_though_its_clock_was_set_back(tmp_path: Path) -> None:
    house = assemble(Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'slotwise.db'}"))
    set_back, port = tmp_path / "set_back", free_port()
    with ExitStack() as stack:
        receiver = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        receiver.settimeout(READY_SECONDS)
        process = stack.enter_context(app(house, port, set_back))
        where = f"http://127.0.0.1:{receiver.getsockname()[1]}/"
        items = add_items(house.db, house.home, [house.now()] * ITEMS, ChannelKind.WEBHOOK, url=where)
        for _ in range(THREADS):  # each thread is sending and gets no answer
            stack.enter_context(receiver.accept()[0])
        half = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        half.sendall(HALF_A_REQUEST)
        set_back.touch()
        began = monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(AT_MOST_SECONDS * 3) == -signal.SIGTERM
        assert monotonic() - began < AT_MOST_SECONDS
    told = [tell(house.db, house.home, item) for item in items]
    assert Counter(one.item.state for one in told) == {
        ItemState.UNCONFIRMED: THREADS,
        ItemState.SCHEDULED: ITEMS - THREADS,
    }
    assert sum(one.claims for one in told) == 0
    house.close()
