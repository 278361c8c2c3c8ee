"""How the gateway waits, repeats and gives up when Google is busy, slow or away."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from threading import Event

import pytest
import structlog
from google_doors import NOON, ROBOT, Watch, door_to
from google_faults import apply_then_drop, apply_then_fail, apply_then_hang, drop, expire_token, page, refuse, too_many
from google_faults import usage_limit as drive_limit
from google_hand import Hand
from google_server import Conversation
from google_world import Fault
from google_world import Google as Stub

from core.google.client import MOST_ATTEMPTS
from core.google.contract import AddRows, Block, CellsWrite
from core.google.door import BACKGROUND, INTERACTIVE, GoogleDoor
from core.google.errors import CredentialsRefused, GoogleUnavailable, OutcomeUnknown, QuotaUsedUp
from core.google.gateway import Google

A1 = Block(1, 1, 1, 1)
SERVER_FAULTS = {"HTML 502": page(502), "HTML 503": page(503), "500": refuse(500), "503": refuse(503), "dropped": drop}


@pytest.fixture
def secret(google: Stub) -> str:
    return google.tokens.service_account(ROBOT)


@pytest.fixture
def hand(google: Stub) -> Hand:
    return google.sheet("Plan", [["Title"], ["Spring"]], **{ROBOT: "writer"})


@pytest.fixture
def gateway(door: GoogleDoor, secret: str) -> Google:
    return door.open(secret, BACKGROUND)


@pytest.fixture
def hasty(google: Stub, watch: Watch, secret: str) -> Iterator[Google]:
    """Give a gateway that takes two seconds of silence for a time-out."""
    opened = door_to(google, watch, timeouts=(5, 2))
    yield opened.open(secret, BACKGROUND)
    opened.close()


# --- Bounded attempts ----------------------------------------------------------------------------------------------


def test_a_quota_that_stays_used_up_ends_after_six_attempts_with_the_time_to_come_back(
    google: Stub, gateway: Google, hand: Hand, watch: Watch
) -> None:
    google.weather = lambda method: too_many() if "sheets" in method else None
    with pytest.raises(QuotaUsedUp) as refusal:
        gateway.describe(hand.id)
    assert (gateway.requests, google.count("sheets")) == (6, 6)
    assert watch.pauses == [4, 8, 16, 16, 16]  # a quarter of 16, 32, 64, 64, 64
    assert refusal.value.retry_at == watch.now() + timedelta(minutes=1)
    assert f"used up for {ROBOT}" in str(refusal.value)


def test_a_google_that_stays_away_ends_after_six_attempts(
    google: Stub, gateway: Google, hand: Hand, watch: Watch
) -> None:
    google.weather = lambda method: page(503) if "sheets" in method else None
    with pytest.raises(GoogleUnavailable, match="it answered 503"):
        gateway.describe(hand.id)
    assert google.count("sheets") == MOST_ATTEMPTS
    assert watch.pauses == [0.5, 1, 2, 4, 8]  # a quarter of 2, 4, 8, 16, 32


@pytest.mark.parametrize("drawn", [0.0, 0.5, 0.999])
def test_no_call_waits_longer_than_whoever_asks_has_patience(
    google: Stub, secret: str, hand: Hand, watch: Watch, drawn: float
) -> None:
    google.weather = lambda method: too_many() if "sheets" in method else None
    door = door_to(google, watch, drawn)
    with pytest.raises(QuotaUsedUp):
        door.open(secret, INTERACTIVE).describe(hand.id)
    door.close()
    assert sum(watch.pauses) <= INTERACTIVE.total_seconds()
    assert google.count("sheets") == (MOST_ATTEMPTS if drawn == 0 else 1 if drawn > 0.95 else 2)


def test_a_network_without_google_is_tried_six_times_and_worded(secret: str, watch: Watch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    door = door_to(Stub(watch.now, nobody), watch)
    with pytest.raises(GoogleUnavailable, match="no connection; check the network"):
        door.open(secret, BACKGROUND).arrange("1sheet0001", [AddRows(0, 1)])
    door.close()
    assert len(watch.pauses) == MOST_ATTEMPTS - 1


def test_time_spent_in_vain_counts_as_well(
    google: Stub, door: GoogleDoor, secret: str, hand: Hand, watch: Watch
) -> None:
    def hang(call: Conversation) -> None:
        watch.seconds += 14
        page(502)(call)

    google.will(hang, hang, on="sheets")
    with pytest.raises(GoogleUnavailable):
        door.open(secret, INTERACTIVE).describe(hand.id)
    assert (google.count("sheets"), watch.pauses) == (2, [0.5])


# --- Retry-After ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_in_seconds_is_kept_to(
    google: Stub, gateway: Google, hand: Hand, watch: Watch, status: int
) -> None:
    google.will(refuse(status, Retry_After="40"), on="sheets")
    assert gateway.describe(hand.id).title == "Plan"
    assert watch.pauses == [40]


def test_a_retry_after_as_a_date_is_kept_to(google: Stub, gateway: Google, hand: Hand, watch: Watch) -> None:
    google.will(refuse(429, Retry_After=format_datetime(NOON + timedelta(seconds=75), usegmt=True)), on="sheets")
    assert gateway.describe(hand.id).title == "Plan"
    assert watch.pauses == [75]


def test_a_retry_after_beyond_the_patience_ends_the_call_at_once(
    google: Stub, door: GoogleDoor, secret: str, hand: Hand, watch: Watch
) -> None:
    google.will(too_many(16), on="sheets")
    with pytest.raises(QuotaUsedUp) as refusal:
        door.open(secret, INTERACTIVE).describe(hand.id)
    assert (watch.pauses, refusal.value.retry_at) == ([], NOON + timedelta(seconds=16))


# --- What is repeated, and what is not -----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", SERVER_FAULTS.values(), ids=SERVER_FAULTS)
def test_reading_and_writing_go_on_after_a_fault_of_the_server(
    google: Stub, gateway: Google, hand: Hand, fault: Fault
) -> None:
    google.will(fault, on="batchGet")
    google.will(fault, on="values.batchUpdate")
    (read,) = gateway.read(hand.id, "Sheet1", [Block(2, 1, 2, 1)])
    gateway.write(hand.id, "Sheet1", [CellsWrite(3, 1, [["Summer"]])])
    assert read.rows == [["Spring"]]
    assert hand.rows() == [["Title"], ["Spring"], ["Summer"]]


@pytest.mark.parametrize(
    "fault", [apply_then_drop, apply_then_hang, apply_then_fail(502)], ids=["dropped", "hanging", "HTML 502"]
)
def test_a_write_whose_answer_is_lost_is_written_again_to_the_same_cells(
    google: Stub, hasty: Google, hand: Hand, fault: Fault
) -> None:
    google.will(fault, on="values.batchUpdate")
    hasty.write(hand.id, "Sheet1", [CellsWrite(3, 1, [["Summer"], ["Autumn"]])])
    assert google.count("values.batchUpdate") == 2
    assert hand.rows() == [["Title"], ["Spring"], ["Summer"], ["Autumn"]]


@pytest.mark.parametrize(
    "fault", [apply_then_drop, apply_then_hang, apply_then_fail(502)], ids=["dropped", "hanging", "HTML 502"]
)
def test_rows_are_never_added_twice_where_nobody_knows_whether_they_were(
    google: Stub, hasty: Google, hand: Hand, watch: Watch, fault: Fault
) -> None:
    google.will(fault, on="sheets.spreadsheets.batchUpdate")
    with pytest.raises(OutcomeUnknown, match=r"made the change: [a-z0-9 ]+\. Look at the spreadsheet"):
        hasty.arrange(hand.id, [AddRows(0, 10)])
    assert (hand.tab.row_count, watch.pauses) == (1010, [])


def test_a_refusal_for_too_many_requests_is_no_unknown_outcome(google: Stub, gateway: Google, hand: Hand) -> None:
    google.will(too_many(1), on="sheets.spreadsheets.batchUpdate")
    gateway.arrange(hand.id, [AddRows(0, 10)])
    assert hand.tab.row_count == 1010


def test_a_spreadsheet_is_never_made_twice(google: Stub, gateway: Google) -> None:
    google.will(apply_then_drop, on="files.create")
    with pytest.raises(OutcomeUnknown):
        gateway.create("Content schedule")
    assert len(google.files) == 1


def test_drives_own_limit_is_waited_for(google: Stub, gateway: Google, hand: Hand, watch: Watch) -> None:
    google.will(drive_limit, on="drive")
    assert [file.id for file in gateway.files().files] == [hand.id]
    assert watch.pauses == [4]


# --- Tokens --------------------------------------------------------------------------------------------------------


def test_a_token_that_google_ended_is_replaced_without_waiting(
    google: Stub, gateway: Google, hand: Hand, watch: Watch
) -> None:
    gateway.describe(hand.id)
    google.will(expire_token, on="sheets")
    assert gateway.describe(hand.id).title == "Plan"
    assert (google.count("token"), watch.pauses) == (2, [])


def test_a_token_refused_as_soon_as_it_is_given_ends_the_call(google: Stub, gateway: Google, hand: Hand) -> None:
    google.weather = lambda method: expire_token if "sheets" in method else None
    with pytest.raises(CredentialsRefused, match="Make new credentials"):
        gateway.describe(hand.id)
    assert google.count("sheets") == 2


@pytest.mark.parametrize("fault", SERVER_FAULTS.values(), ids=SERVER_FAULTS)
def test_a_failing_token_endpoint_is_asked_again_after_our_own_waits(
    google: Stub, gateway: Google, hand: Hand, watch: Watch, fault: Fault
) -> None:
    google.will(fault, fault, on="token")
    assert gateway.describe(hand.id).title == "Plan"
    assert (google.count("token"), watch.pauses) == (3, [0.5, 1])


def test_a_token_endpoint_behind_a_login_page_is_no_crash(google: Stub, gateway: Google, hand: Hand) -> None:
    google.weather = lambda method: page(200) if method == "token" else None
    with pytest.raises(GoogleUnavailable, match="the token endpoint answered without JSON"):
        gateway.describe(hand.id)


def test_a_login_page_in_place_of_sheets_is_no_crash(google: Stub, gateway: Google, hand: Hand) -> None:
    google.weather = lambda method: page(200) if "sheets" in method else None
    with pytest.raises(GoogleUnavailable, match="it answered without JSON"):
        gateway.describe(hand.id)


# --- Quota ---------------------------------------------------------------------------------------------------------


def test_two_keys_of_one_account_share_the_minute_so_that_google_never_refuses(
    google: Stub, door: GoogleDoor, secret: str, hand: Hand, watch: Watch
) -> None:
    both = door.open(secret, BACKGROUND), door.open(f" {secret}", BACKGROUND)
    for turn in range(70):
        both[turn % 2].read(hand.id, "Sheet1", [A1])
    assert google.tally()["sheets.spreadsheets.values.batchGet", 200] == 70
    assert google.count("batchGet") == 70
    assert watch.pauses == [61]


def test_reads_writes_and_accounts_are_counted_apart(
    google: Stub, door: GoogleDoor, secret: str, hand: Hand, watch: Watch
) -> None:
    other = google.tokens.service_account("other@slotwise.iam.gserviceaccount.com")
    hand.file.roles["other@slotwise.iam.gserviceaccount.com"] = "reader"
    for opened in (door.open(secret), door.open(other)):
        for _ in range(60):
            opened.read(hand.id, "Sheet1", [A1])
    for number in range(60):
        door.open(secret).write(hand.id, "Sheet1", [CellsWrite(1, 1, [[number]])])
    assert (watch.pauses, hand.at("A1")) == ([], 59)


def test_who_waits_at_a_screen_is_told_when_the_minute_is_over(
    google: Stub, door: GoogleDoor, secret: str, hand: Hand
) -> None:
    opened = door.open(secret, INTERACTIVE)
    for _ in range(60):
        opened.read(hand.id, "Sheet1", [A1])
    with pytest.raises(QuotaUsedUp) as refusal:
        opened.read(hand.id, "Sheet1", [A1])
    assert (google.count("batchGet"), refusal.value.retry_at) == (60, NOON + timedelta(seconds=61))


def test_whoever_stops_waits_no_longer_and_others_do(
    google: Stub, door: GoogleDoor, hand: Hand, secret: str, watch: Watch
) -> None:
    stopping = Event()
    ending = door.until(stopping).open(secret, BACKGROUND)
    stopping.set()
    google.will(too_many(100), too_many(100), on="sheets")
    with pytest.raises(GoogleUnavailable, match="Slotwise is stopping"):
        ending.describe(hand.id)
    assert door.open(secret, BACKGROUND).describe(hand.id).title == "Plan"
    assert (google.count("token"), watch.pauses) == (1, [100])


# --- The log -------------------------------------------------------------------------------------------------------


def test_every_request_is_logged_without_secrets_words_or_cells(
    google: Stub, gateway: Google, secret: str, hand: Hand
) -> None:
    google.will(page(502), on="values.batchUpdate")
    with structlog.testing.capture_logs() as lines:
        gateway.write(hand.id, "Sheet1", [CellsWrite(3, 1, [["Secret launch"]])])
        gateway.read(hand.id, "Sheet1", [Block(3, 1, 3, 1)])
        gateway.files("Plan of the merger")
    assert [(line["event"], line.get("status")) for line in lines] == [
        ("google_token_request", 200), ("google_request_failed", 502), ("google_request", 200),
        ("google_request", 200), ("google_request", 200),
    ]  # fmt: skip
    text = str(lines)
    given = [*google.tokens.given, "Bearer", "PRIVATE KEY", "assertion", "launch", "merger", "?"]
    assert not [word for word in given if word in text]
