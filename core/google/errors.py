"""Everything that goes wrong at Google, and what a person can do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.errors import SlotwiseError
from core.vocabulary import ErrorCode


@dataclass(eq=False)
class GoogleError(SlotwiseError):
    """Google did not do what it was asked."""

    status: ClassVar[int] = 422
    code = ErrorCode.VALIDATION_ERROR
    remedy: ClassVar[str] = "Try again in a minute."
    """What to do, filled with the error's fields like the docstring."""
    passes: ClassVar[bool] = False
    """Whether the same call may succeed later without anybody doing anything."""

    def __str__(self) -> str:
        """Return what is wrong and what to do, in two sentences or more."""
        return f"{self.reason} {self.fix}"

    @property
    def reason(self) -> str:
        """What is wrong, as a sentence."""
        return super().__str__()

    @property
    def fix(self) -> str:
        """The next step, as a sentence."""
        return self.remedy.format(**vars(self))


@dataclass(eq=False)
class UnusableCredentials(GoogleError):
    """This is not a key that Google gives out: {why}."""

    why: str
    remedy: ClassVar[str] = (
        "Paste the whole JSON file of a service account's key (Google Cloud console, IAM & Admin, Service Accounts, "
        "Keys, Add key, JSON), or the JSON of a signed-in user."
    )


@dataclass(eq=False)
class CredentialsRefused(GoogleError):
    """Google does not let {who} in: {why}."""

    who: str
    why: str
    todo: str
    remedy: ClassVar[str] = "{todo}"


@dataclass(eq=False)
class GoogleSwitchedOff(GoogleError):
    """The {service} is switched off in the Google Cloud project of {who}."""

    who: str
    service: str
    remedy: ClassVar[str] = (
        "Open the Google Cloud console, choose that project, look for {service} under APIs & Services, Library, and "
        "press Enable; it works after a few minutes."
    )


@dataclass(eq=False)
class SheetNotFound(GoogleError):
    """Google knows no such spreadsheet, or keeps it from {who}."""

    who: str
    status: ClassVar[int] = 404
    code = ErrorCode.NOT_FOUND
    remedy: ClassVar[str] = (
        "If it was deleted, take it out of Drive's bin; if it was never shared, share it with {who}; otherwise connect "
        "another sheet."
    )


@dataclass(eq=False)
class SheetNotShared(GoogleError):
    """This spreadsheet is not shared with {who}."""

    who: str
    remedy: ClassVar[str] = "Open it in Google Sheets, press Share and add {who} as an editor."


@dataclass(eq=False)
class SheetReadOnly(GoogleError):
    """This spreadsheet may be read by {who} but not changed."""

    who: str
    remedy: ClassVar[str] = (
        "Open it in Google Sheets, press Share and make {who} an editor, or let the connection only read."
    )


@dataclass(eq=False)
class TabMissing(GoogleError):
    """The spreadsheet has no sheet named “{tab}”: it was renamed or deleted."""

    tab: str
    remedy: ClassVar[str] = "Name it so again, or connect the other sheet and end this connection."


@dataclass(eq=False)
class OutsideTab(GoogleError):
    """The sheet “{tab}” has become smaller than the range to be read or written."""

    tab: str
    remedy: ClassVar[str] = "Sync again; the present size is taken then."
    passes: ClassVar[bool] = True


@dataclass(eq=False)
class RangeProtected(GoogleError):
    """Cells that Slotwise has to write are protected against {who}."""

    who: str
    remedy: ClassVar[str] = (
        "In Google Sheets, open Data, Protect sheets and ranges, and allow {who} to edit them, or let the connection "
        "only read."
    )


@dataclass(eq=False)
class NotASpreadsheet(GoogleError):
    """This file is no Google spreadsheet: an Excel file in Drive cannot be synced."""

    remedy: ClassVar[str] = "Open it in Drive, choose File, Save as Google Sheets, and connect the new file."


@dataclass(eq=False)
class SheetFull(GoogleError):
    """The spreadsheet takes no more: {said}."""

    said: str
    remedy: ClassVar[str] = "Delete rows, columns or sheets that are not needed, or shorten the longest cells."


@dataclass(eq=False)
class AnswerTooLarge(GoogleError):
    """The cells asked for are more than is kept in memory at once."""

    remedy: ClassVar[str] = "Shorten the longest cells of the sheet, or give the connection fewer columns."


@dataclass(eq=False)
class NoDriveSpace(GoogleError):
    """There is no space for a new spreadsheet in the Drive of {who}."""

    who: str
    remedy: ClassVar[str] = (
        "Make an empty spreadsheet yourself, share it with {who} as an editor, and have the template put into it."
    )


@dataclass(eq=False)
class RequestRefused(GoogleError):
    """Google refused the request ({answered}): {said}."""

    answered: int
    said: str
    remedy: ClassVar[str] = "Check the sheet and the connection's settings; if they are right, report this sentence."


@dataclass(eq=False)
class QuotaUsedUp(GoogleError):
    """Google's requests a minute are used up for {who}."""

    who: str
    retry_at: datetime
    status: ClassVar[int] = 429
    code = ErrorCode.RATE_LIMITED
    remedy: ClassVar[str] = "Try again after {retry_at:%H:%M:%S} UTC; syncs go on by themselves."
    passes: ClassVar[bool] = True


@dataclass(eq=False)
class GoogleUnavailable(GoogleError):
    """Google cannot be reached or does not answer as it should: {why}."""

    why: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE
    remedy: ClassVar[str] = "Try again in a few minutes; syncs do so by themselves."
    passes: ClassVar[bool] = True


@dataclass(eq=False)
class OutcomeUnknown(GoogleUnavailable):
    """Nobody knows whether Google made the change: {why}."""

    remedy: ClassVar[str] = "Look at the spreadsheet before trying again; syncs do so by themselves."
