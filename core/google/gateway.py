"""The sheets that one Google account can open: their shape, cells and files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gspread.http_client import ParamsType
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_VALUES_BATCH_URL
from requests import Response

from core.google.client import BoundedClient
from core.google.contract import Block, CellsWrite, Change, DriveFile, FilePage, Grid, Spreadsheet
from core.google.errors import AnswerTooLarge, OutsideTab, SheetNotFound
from core.google.payloads import split_writes
from core.google.wire import (
    FILE_FIELDS,
    SPREADSHEET_FIELDS,
    SPREADSHEET_TYPE,
    block_of,
    query_of,
    range_of,
    read_file,
    read_grid,
    read_spreadsheet,
    request_of,
)

PAGE_BYTES = 1_800_000
"""What an answer with cells is to have: below the 2 MB that Google recommends, for rows differ in length."""
FIRST_PAGE_ROWS, MOST_PAGE_ROWS = 500, 50_000
PAGE_GROWTH = 20
FILES_A_PAGE = 100

_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_AS_KEPT = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
_EVERY_DRIVE = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}


class Google:
    """Google Sheets and Drive in one name; every call raises GoogleError with the next step in words."""

    def __init__(self, client: BoundedClient, email: str | None) -> None:
        self._client, self.email = client, email

    @property
    def who(self) -> str:
        """Whom to share sheets with, for sentences."""
        return self._client.who

    @property
    def requests(self) -> int:
        """How many requests were made so far, repeated ones included."""
        return self._client.requests

    def check(self) -> None:
        """Sign in and do nothing else (CredentialsRefused, GoogleUnavailable)."""
        self._client.sign_in()

    def describe(self, spreadsheet_id: str) -> Spreadsheet:
        """Return title, time zone and tabs, without cells."""
        return read_spreadsheet(
            self._client.fetch_sheet_metadata(self._sound(spreadsheet_id), {"fields": SPREADSHEET_FIELDS})
        )

    def read(self, spreadsheet_id: str, tab: str, blocks: Sequence[Block]) -> tuple[Grid, ...]:
        """Return the cells of a few small blocks of a tab, in their order, by one request."""
        found = self._batch_get(spreadsheet_id, tab, blocks).json()
        return tuple(read_grid(block, values) for block, values in zip(blocks, found["valueRanges"], strict=True))

    def pages(self, spreadsheet_id: str, tab: str, block: Block) -> Iterator[Grid]:
        """Yield a block from the top down in answers of about PAGE_BYTES, however long it is.

        Its last row and column have to be known. Rows that somebody deletes meanwhile end it early.
        """
        if block.last_row is None:
            raise ValueError(f"{block} needs its last row")
        first, count = block.first_row, FIRST_PAGE_ROWS
        while first <= block.last_row:
            page = replace(block, first_row=first, last_row=min(first + count - 1, block.last_row))
            try:
                answer = self._batch_get(spreadsheet_id, tab, (page,))
            except AnswerTooLarge:
                if count == 1:
                    raise
                count = max(1, count // PAGE_GROWTH)
                continue
            except OutsideTab:
                if first == block.first_row:
                    raise
                return
            yield read_grid(page, answer.json()["valueRanges"][0])
            first, count = first + count, _next_count(count, len(answer.content))

    def write(self, spreadsheet_id: str, tab: str, writes: Sequence[CellsWrite]) -> None:
        """Write cells as they are (no formula comes to life); done twice it is the same as done once.

        Large writes take several requests, one after the other: where one fails, those before it are done.
        """
        for batch in split_writes(writes):
            data = [{"range": range_of(tab, block_of(write)), "values": write.rows} for write in batch]
            self._client.values_batch_update(self._sound(spreadsheet_id), {"valueInputOption": "RAW", "data": data})

    def arrange(self, spreadsheet_id: str, changes: Sequence[Change]) -> None:
        """Make all of these changes or none (OutcomeUnknown: describe the spreadsheet again and see)."""
        self._client.batch_update(self._sound(spreadsheet_id), {"requests": [request_of(change) for change in changes]})

    def files(self, search: str = "", page: str | None = None) -> FilePage:
        """Return spreadsheets these credentials can open, the latest changed first."""
        asked: ParamsType = {
            "q": query_of(search), "orderBy": "modifiedTime desc", "pageSize": FILES_A_PAGE,
            "fields": f"nextPageToken,files({FILE_FIELDS})", **_EVERY_DRIVE, **({"pageToken": page} if page else {}),
        }  # fmt: skip
        found = self._client.request("get", DRIVE_FILES_API_V3_URL, params=asked).json()
        return FilePage(tuple(map(read_file, found["files"])), found.get("nextPageToken"))

    def file(self, spreadsheet_id: str) -> DriveFile:
        """Return when a spreadsheet was changed last and what these credentials may do to it."""
        address = f"{DRIVE_FILES_API_V3_URL}/{self._sound(spreadsheet_id)}"
        asked: ParamsType = {"fields": FILE_FIELDS, "supportsAllDrives": "true"}
        return read_file(self._client.request("get", address, params=asked).json())

    def create(self, title: str) -> str:
        """Make an empty spreadsheet and return its id (NoDriveSpace, OutcomeUnknown)."""
        made = {"name": title, "mimeType": SPREADSHEET_TYPE}
        asked: ParamsType = {"fields": "id", "supportsAllDrives": "true"}
        answer = self._client.request("post", DRIVE_FILES_API_V3_URL, params=asked, json=made).json()
        return str(answer["id"])

    def _batch_get(self, spreadsheet_id: str, tab: str, blocks: Sequence[Block]) -> Response:
        asked: ParamsType = {"ranges": [range_of(tab, block) for block in blocks], **_AS_KEPT}
        return self._client.request("get", SPREADSHEET_VALUES_BATCH_URL % self._sound(spreadsheet_id), params=asked)

    def _sound(self, spreadsheet_id: str) -> str:
        """Return an id that is one; anything else would become another path of Google's."""
        if not _ID.fullmatch(spreadsheet_id):
            raise SheetNotFound(self.who)
        return spreadsheet_id


def _next_count(count: int, size: int) -> int:
    """Return how many rows the next page has, so that its answer comes near to PAGE_BYTES."""
    fitting = count * PAGE_BYTES // max(size, 1)
    return max(1, min(fitting, count * PAGE_GROWTH, MOST_PAGE_ROWS))
