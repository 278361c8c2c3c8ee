"""The methods of Drive that concern spreadsheets: listing, times, creating, sharing."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google_ranges import BadRequest
from google_values import first
from google_world import Google, Role, Spreadsheet

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
TERM = re.compile(
    r"""\s*(\w+)\s*(=|!=|contains)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(true|false))\s*(?:and|$)"""
)
LISTED, TOLD = "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)", "kind,id,name,mimeType"
"""What Drive answers when nobody asks for certain fields."""


def file_of(file: Spreadsheet, email: str) -> dict[str, Any]:
    """Describe a spreadsheet as a file."""
    role = file.role_of(email)
    return {
        "kind": "drive#file", "id": file.id, "name": file.title, "mimeType": SPREADSHEET,
        "createdTime": _time(file.created_at), "modifiedTime": _time(file.modified_at), "trashed": file.is_trashed,
        "capabilities": {"canEdit": role in {"writer", "owner"}, "canShare": role in {"writer", "owner"}},
        "owners": [{"kind": "drive#user", "emailAddress": file.owner, "displayName": file.owner.split("@")[0]}],
        "ownedByMe": email == file.owner, "shared": bool(file.roles),
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk",
    }  # fmt: skip


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def list_files(google: Google, email: str, query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Answer `files.list`: what somebody may see, page by page."""
    matches = _search(first(query, "q", ""))
    found = [file for file in google.files.values() if file.role_of(email) is not None and matches(file)]
    for key in reversed(first(query, "orderBy", "modifiedTime desc").split(",")):
        name, _, order = key.strip().partition(" ")
        if name not in ORDERS:
            raise BadRequest(f"Invalid value: orderBy={key}")
        found.sort(key=ORDERS[name], reverse=order == "desc")
    size, start = int(first(query, "pageSize", "100")), int(first(query, "pageToken", "0"))
    if not 1 <= size <= 1000:
        raise BadRequest(f"Invalid value '{size}'. Values must be within the range: [1, 1000]")
    page = [file_of(file, email) for file in found[start : start + size]]
    told: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False, "files": page}
    return told | ({"nextPageToken": str(start + size)} if start + size < len(found) else {})


ORDERS: Mapping[str, Callable[[Spreadsheet], Any]] = {
    "name": lambda file: file.title.casefold(),
    "name_natural": lambda file: file.title.casefold(),
    "modifiedTime": lambda file: file.modified_at,
    "createdTime": lambda file: file.created_at,
}


def _search(text: str) -> Callable[[Spreadsheet], bool]:
    """Read Drive's search terms, joined by `and`."""
    at, terms = 0, []
    while at < len(text):
        if (match := TERM.match(text, at)) is None:
            raise BadRequest(f"Invalid Value: q={text}")
        name, operator, single, double, flag = match.groups()
        value = re.sub(r"\\(.)", r"\1", single if single is not None else double if double is not None else flag)
        terms.append((name, operator, value))
        at = match.end()
    return lambda file: all(_meets(file, *term) for term in terms)


def _meets(file: Spreadsheet, name: str, operator: str, value: str) -> bool:
    if name == "name" and operator == "contains":  # Drive finds beginnings of words
        return any(word.startswith(value.casefold()) for word in _endings(file.title.casefold()))
    own = {"name": file.title, "mimeType": SPREADSHEET, "trashed": str(file.is_trashed).lower()}.get(name)
    if own is None or operator == "contains":
        raise BadRequest(f"Invalid Value: {name} {operator}")
    return (own == value) == (operator == "=")


def _endings(title: str) -> list[str]:
    """Give a title from each of its words on."""
    return [title[match.start() :] for match in re.finditer(r"\b\w", title)]


def create_file(google: Google, email: str, body: Mapping[str, Any]) -> Spreadsheet:
    """Answer `files.create`, of spreadsheets."""
    if body.get("mimeType") != SPREADSHEET:
        raise BadRequest(f"This stub keeps spreadsheets only, not {body.get('mimeType')}")
    return google.new_file(body.get("name") or "Untitled spreadsheet", email)


def share(file: Spreadsheet, body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer `permissions.create`."""
    who: str = "anyone" if body.get("type") == "anyone" else body.get("emailAddress") or ""
    role: Role = "writer" if body.get("role") == "writer" else "reader"
    if not who or body.get("role") not in {"writer", "reader"}:
        raise BadRequest("The permission type field is required.")
    file.roles[who] = role
    return permission(who, role)


def permission(who: str, role: str) -> dict[str, Any]:
    """Describe who may do what."""
    told = {"kind": "drive#permission", "id": who, "role": role, "type": "anyone" if who == "anyone" else "user"}
    return told | ({} if who == "anyone" else {"emailAddress": who})
