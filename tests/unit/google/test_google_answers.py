"""What Google's refusals mean, down to those that are no JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.google.answers import Asked, is_rate_limit, read_refusal, read_token_refusal
from core.google.errors import (
    GoogleError,
    GoogleUnavailable,
    OutsideTab,
    RangeProtected,
    RequestRefused,
    SheetNotShared,
    TabMissing,
)

READING = Asked("robot@x.example", is_change=False, service="Google Sheets API")
HTML = b"<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>"


def told(message: str, **more: object) -> bytes:
    return json.dumps({"error": {"code": 400, "message": message, **more}}).encode()


@pytest.mark.parametrize("status", [302, 408, 500, 502, 503, 504, 599])
def test_a_server_in_trouble_is_unavailable_whatever_its_body_says(status: int) -> None:
    assert isinstance(read_refusal(status, HTML, READING), GoogleUnavailable)
    assert read_refusal(status, told("odd"), READING).passes


@pytest.mark.parametrize("status", [400, 402, 409, 413, 418])
def test_a_refusal_without_a_known_meaning_shows_googles_own_words(status: int) -> None:
    error = read_refusal(status, told("Request payload size exceeds the limit."), READING)
    assert isinstance(error, RequestRefused)
    assert error.reason == f"Google refused the request ({status}): Request payload size exceeds the limit."
    assert not error.passes


@pytest.mark.parametrize(
    ("message", "tab"),
    [
        ("Unable to parse range: Plan!A1:B2", "Plan"),
        ("Invalid data[3]: Unable to parse range: 'Marta''s plan'!A1", "Marta's plan"),
        ("Unable to parse range: 'Wow!'!A1:B2", "Wow!"),
        ("Unable to parse range: 'Plan'", "Plan"),
        ("Invalid requests[0].appendDimension: No grid with id: 7", "7"),
    ],
)
def test_a_missing_tab_is_named_as_a_person_reads_it(message: str, tab: str) -> None:
    error = read_refusal(400, told(message), READING)
    assert isinstance(error, TabMissing)
    assert error.tab == tab


def test_a_range_beyond_the_grid_passes_with_the_next_sync() -> None:
    message = "Range ('Plan'!A1001:Z1100) exceeds grid limits. Max rows: 1000, max columns: 26"
    error = read_refusal(400, told(message), READING)
    assert isinstance(error, OutsideTab)
    assert (error.tab, error.passes) == ("Plan", True)


@pytest.mark.parametrize("status", [400, 403])
def test_protected_cells_are_told_by_googles_sentence(status: int) -> None:
    message = "You are trying to edit a protected cell or object. Please contact the spreadsheet owner."
    assert isinstance(read_refusal(status, told(message), READING), RangeProtected)


def test_too_many_requests_are_told_from_missing_rights() -> None:
    limit = told("User Rate Limit Exceeded", errors=[{"domain": "usageLimits", "reason": "userRateLimitExceeded"}])
    rights = told("The caller does not have permission", errors=[{"domain": "global", "reason": "forbidden"}])
    assert is_rate_limit(403, limit)
    assert is_rate_limit(429, HTML)
    assert not is_rate_limit(403, rights)
    assert isinstance(read_refusal(403, rights, READING), SheetNotShared)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, "key was deleted or revoked"),
        ({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, "account was deleted"),
        (
            {
                "error": "invalid_grant",
                "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim.",
            },
            "the clock of this machine is wrong. Set the clock",
        ),
        ({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, "Sign in again"),
        ({"error": "invalid_client"}, "client or its secret is not known"),
        ({"error": "deleted_client", "error_description": "The OAuth client was deleted."}, "client was deleted"),
        ({"error": "org_internal", "error_description": "Only for users of the organization"}, "org_internal: Only"),
        ("<html>", "<html>"),
    ],
)
def test_a_refused_token_says_why_and_what_to_do(details: dict[str, str] | str, words: str) -> None:
    assert words in str(read_token_refusal(details, "robot@x.example"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message", "errors", "reason"]), inner),
)


@given(status=st.integers(300, 599), body=st.binary() | JSON.map(lambda body: json.dumps(body).encode()))
def test_no_body_breaks_the_reader(status: int, body: bytes) -> None:
    error = read_refusal(status, body, READING)
    assert isinstance(error, GoogleError)
    assert error.reason
    assert error.fix
    assert not is_rate_limit(500, body)
