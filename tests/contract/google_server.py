"""Google Sheets, Drive and the token endpoint on this machine, for gspread as it is."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google_changes
import google_contract as contract
import google_describe
import google_drive
import google_values
from google_ranges import BadRequest
from google_tokens import Token
from google_world import NOT_FOUND, Call, Google, Refused

from core.clock import Clock, system_clock

Answer = tuple[int, object]
LARGEST = 10_000_000
"""Bytes of a body beyond which Sheets answers 413."""


class Conversation(BaseHTTPRequestHandler):
    """One request, from its first byte to its answer or to the fault that takes its place."""

    google: Google
    method: contract.Method | None
    body: bytes

    def converse(self) -> None:
        """Read the request, then answer it or play the fault that is meant for it."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        self.query = parse_qs(address.query, keep_blank_values=True)
        self.method = contract.find_method(self.command, address.path)
        self.name = "token" if address.path == "/token" else self.method.id if self.method else "unknown"
        fault = self.google.fault_for(self.name)
        if fault is None:
            self.serve()
        else:
            fault(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = converse  # noqa: N815 - the names http.server calls

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def serve(self) -> None:
        """Do what is asked and say so."""
        self.tell(*self.apply())

    def apply(self) -> Answer:
        """Do what is asked without a word."""
        with self.google.lock:
            if self.name == "token":
                return self.google.tokens.exchange(
                    {name: values[0] for name, values in parse_qs(self.body.decode()).items()}
                )
            try:
                return self._judged()
            except Refused as refusal:
                return refusal.status, self._refusal(refusal)
            except BadRequest as error:
                return 400, self._refusal(Refused(400, "INVALID_ARGUMENT", str(error), "badRequest"))

    def _judged(self) -> Answer:
        """Do what is asked if both the request and the answer are what Google's documents say."""
        token = self.google.tokens.holder(self.headers.get("Authorization", ""))
        if token is None:
            raise Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "authError")
        if self.method is None:
            raise self._violation(f"no method is called by {self.command} {self.path}")
        body = self._read_body()
        for fault in (*contract.parameter_faults(self.method, self.query), *contract.body_faults(self.method, body)):
            raise self._violation(fault)
        mask = self._mask(self.method)
        self.google.admit(token, self.method)
        place = {name: unquote(value) for name, value in self.method.place.items()}
        plain = contract.without_nulls(body or {})
        answer = answers(self.google, self.method.id, place, self.query, plain, token)
        for fault in contract.answer_faults(self.method, answer):
            self.google.violations.append(f"the stub's own answer: {fault}")
        return (204, None) if answer is None else (200, contract.masked(answer, mask))

    def _read_body(self) -> object:
        if len(self.body) > LARGEST:
            raise Refused(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit.")
        try:
            return json.loads(self.body) if self.body else None
        except ValueError as error:
            raise self._violation(f"the body is not JSON: {error}") from None

    def _mask(self, method: contract.Method) -> contract.Mask:
        text = google_values.first(self.query, "fields", google_drive.LISTED if method.id == "drive.files.list" else "")
        text = text or (google_drive.TOLD if method.id.startswith("drive.files") else "")
        mask = contract.parse_mask(text)
        for fault in contract.mask_faults(method, mask):
            raise self._violation(fault)
        return mask

    def _violation(self, words: str) -> Refused:
        """Note what Google's documents do not allow, so that the test fails, and answer as Google would."""
        self.google.violations.append(words)
        return Refused(400, "INVALID_ARGUMENT", f"Invalid request received: {words}", "badRequest")

    def _refusal(self, refusal: Refused) -> dict[str, object]:
        error: dict[str, object] = {"code": refusal.status, "message": refusal.words, "status": refusal.code}
        if self.name.startswith("drive."):
            domain = "usageLimits" if "Limit" in refusal.reason else "global"
            del error["status"]
            error["errors"] = [{"domain": domain, "reason": refusal.reason, "message": refusal.words}]
        elif refusal.reason.isupper():
            info = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": refusal.reason,
                "domain": "googleapis.com",
            }
            error["details"] = [info]
        return {"error": error}

    def tell(self, status: int, answer: object, **headers: str) -> None:
        """Send a whole answer: JSON, or HTML given as text."""
        is_page = isinstance(answer, str)
        payload = b"" if answer is None else str(answer).encode() if is_page else json.dumps(answer).encode()
        self.note(status, len(payload))
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=UTF-8" if is_page else "application/json; charset=UTF-8")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def note(self, status: int, answered: int) -> None:
        """Write a request down; status 0 is one that got no answer."""
        token = self.google.tokens.holder(self.headers.get("Authorization", ""))
        with self.google.lock:
            self.google.calls.append(Call(self.name, token.email if token else "", len(self.body), answered, status))


def answers(
    google: Google, name: str, place: Mapping[str, str], query: google_values.Query, body: Any, token: Token
) -> Any:
    """Do what a method does and give what it answers."""
    if name.startswith("drive."):
        return _drive(google, name, place, query, body, token.email)
    if name == "sheets.spreadsheets.create":
        wanted = body.get("properties") or {}
        file = google.new_file(wanted.get("title") or "Untitled spreadsheet", token.email)
        file.time_zone = wanted.get("timeZone") or file.time_zone
        return google_describe.describe(file, token.email, (), has_cells=False)
    reads = {"sheets.spreadsheets.get", "sheets.spreadsheets.values.get", "sheets.spreadsheets.values.batchGet"}
    file = google.file_for(place["spreadsheetId"], token.email, writes=name not in reads)
    if name in reads:
        return _read(name, place, query, file, token.email)
    with google.changing(file):
        return _write(name, place, query, body, file, token.email)


def _read(
    name: str, place: Mapping[str, str], query: google_values.Query, file: google_values.Spreadsheet, email: str
) -> Any:
    if name == "sheets.spreadsheets.values.get":
        return google_values.get(file, place["range"], query)
    if name == "sheets.spreadsheets.values.batchGet":
        return google_values.batch_get(file, query)
    mask = contract.parse_mask(google_values.first(query, "fields", ""))
    asked = google_values.first(query, "includeGridData", "false").lower() == "true"
    has_cells = "data" in mask.get("sheets", {}) if mask else asked
    return google_describe.describe(file, email, query.get("ranges", ()), has_cells=has_cells)


def _write(
    name: str, place: Mapping[str, str], query: google_values.Query, body: Any, file: google_values.Spreadsheet,
    email: str,
) -> Any:  # fmt: skip
    match name.removeprefix("sheets.spreadsheets."):
        case "values.update":
            return google_values.update(file, email, place["range"], query, body)
        case "values.batchUpdate":
            return google_values.batch_update(file, email, body)
        case "values.append":
            return google_values.append(file, email, place["range"], query, body)
        case "values.clear":
            cleared = google_values.clear(file, email, [place["range"]])
            return {"spreadsheetId": file.id, "clearedRange": cleared[0]}
        case "values.batchClear":
            return {"spreadsheetId": file.id, "clearedRanges": google_values.clear(file, email, body.get("ranges", []))}
        case "batchUpdate":
            return google_changes.change(file, email, body)
    raise Refused(501, "UNIMPLEMENTED", f"the stub does not know {name}")


def _drive(
    google: Google, name: str, place: Mapping[str, str], query: google_values.Query, body: Any, email: str
) -> Any:
    if name == "drive.files.list":
        return google_drive.list_files(google, email, query)
    if name == "drive.files.create":
        return google_drive.file_of(google_drive.create_file(google, email, body), email)
    file = google.files.get(place["fileId"])
    role = file.role_of(email) if file is not None else None
    if file is None or role is None:
        raise Refused(404, "NOT_FOUND", f"File not found: {place['fileId']}.", NOT_FOUND.reason)
    if name == "drive.files.get":
        return google_drive.file_of(file, email)
    if role == "reader":
        raise Refused(
            403,
            "PERMISSION_DENIED",
            "The user does not have sufficient permissions for this file.",
            "insufficientFilePermissions",
        )
    if name == "drive.files.delete":
        del google.files[file.id]
        return None
    if name == "drive.permissions.create":
        return google_drive.share(file, body)
    if name == "drive.permissions.list":
        roles = {file.owner: "owner", **file.roles}
        told = [google_drive.permission(who, role) for who, role in roles.items()]
        return {"kind": "drive#permissionList", "permissions": told}
    raise Refused(501, "UNIMPLEMENTED", f"the stub does not know {name}")


@contextmanager
def running_google(clock: Clock = system_clock) -> Iterator[Google]:
    """Serve on a free loopback port until the block ends."""
    google = Google(clock)
    bound = type("BoundConversation", (Conversation,), {"google": google})
    with ThreadingHTTPServer(("127.0.0.1", 0), bound) as server:
        google.url = f"http://localhost:{server.server_address[1]}"
        google.tokens.url = f"{google.url}/token"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield google
        finally:
            google.closing.set()
            server.shutdown()
            thread.join()
