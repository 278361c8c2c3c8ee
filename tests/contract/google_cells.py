"""What a cell of a sheet holds, how it is entered and how it is shown."""

import re
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from google_ranges import BadRequest

DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's serial numbers know no zone
LONGEST = 50_000
DATE, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd h:mm:ss"
FAULTS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#ERROR!")
FAULT_TYPES = dict(
    zip(FAULTS, ("REF", "N_A", "VALUE", "DIVIDE_BY_ZERO", "NAME", "NUM", "NULL_VALUE", "ERROR"), strict=True)
)

Render = Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"]
Shown = str | float | bool


class Fault(str):
    """The value of a cell that could not be worked out: `#REF!`."""

    __slots__ = ()


class Cell(NamedTuple):
    """One cell: its value (None for one that is only formatted), the formula behind it, its number format."""

    value: Shown | Fault | None = None
    formula: str | None = None
    pattern: str | None = None


EMPTY = Cell()


def serial(moment: datetime) -> float:
    """Give a wall-clock moment as Sheets counts it: days since 30 December 1899."""
    return (moment - DAY_ZERO) / timedelta(days=1)


def moment(number: float) -> datetime:
    """Give the wall-clock moment of a serial number, to the second."""
    return DAY_ZERO + timedelta(seconds=round(number * 86_400))


# --- Entering ------------------------------------------------------------------------------------------------------


def entered(before: Cell, value: object, option: str) -> Cell:
    """Give the cell after somebody wrote to it; the format of a cell stays with the cell."""
    if isinstance(value, list | dict):
        raise BadRequest(f"Invalid values[0][0]: {'list' if isinstance(value, list) else 'struct'}_value")
    if isinstance(value, str) and len(value) > LONGEST:
        raise BadRequest(f"Your input contains more than the maximum of {LONGEST} characters in a single cell.")
    if value == "":
        return before._replace(value=None, formula=None)
    if option == "USER_ENTERED" and isinstance(value, str):
        return _typed(before, value)
    return before._replace(value=value, formula=None)


def _typed(before: Cell, text: str) -> Cell:  # noqa: PLR0911 - one line for each kind of value
    """Read what a person types as Sheets does."""
    if text.startswith("'"):
        return before._replace(value=text[1:], formula=None)
    if text.startswith("=") and len(text) > 1:
        return before._replace(value=_worked_out(text), formula=text)
    if text.upper() in {"TRUE", "FALSE"}:
        return before._replace(value=text.upper() == "TRUE", formula=None)
    if text in FAULTS:
        return before._replace(value=Fault(text), formula=None)
    if re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|[+-]?\.\d+", text):
        return before._replace(value=float(text.replace(",", "")), formula=None)
    if (found := _dated(text)) is not None:
        return Cell(serial(found[0]), None, before.pattern or found[1])
    return before._replace(value=text, formula=None)


def _dated(text: str) -> tuple[datetime, str] | None:
    """Read a date of the locale en_US."""
    for pattern, shape in (
        ("%Y-%m-%d", DATE), ("%m/%d/%Y", "m/d/yyyy"), ("%Y-%m-%d %H:%M", MOMENT), ("%Y-%m-%d %H:%M:%S", MOMENT),
        ("%m/%d/%Y %H:%M", "m/d/yyyy h:mm:ss"), ("%m/%d/%Y %H:%M:%S", "m/d/yyyy h:mm:ss"),
    ):  # fmt: skip
        try:
            return datetime.strptime(text, pattern), shape  # noqa: DTZ007 - a sheet's moments have no zone
        except ValueError:
            continue
    return None


def _worked_out(formula: str) -> Shown | Fault:
    """Work out the few formulas this stub knows: a text, a number."""
    inside = formula[1:].strip()
    if match := re.fullmatch(r'"((?:[^"]|"")*)"', inside):
        return match[1].replace('""', '"')
    return float(inside) if re.fullmatch(r"-?\d+(\.\d+)?", inside) else Fault("#NAME?")


# --- Showing -------------------------------------------------------------------------------------------------------


def shown(cell: Cell, render: str, dates: str) -> Shown:  # noqa: PLR0911 - one line for each kind of value
    """Give what a reader gets; an empty cell is an empty text."""
    if render == "FORMULA" and cell.formula is not None:
        return cell.formula
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE") if render == "FORMATTED_VALUE" else value
    if isinstance(value, str):
        return str(value)
    if cell.pattern and (render == "FORMATTED_VALUE" or dates == "FORMATTED_STRING"):
        return _patterned(value, cell.pattern)
    if render == "FORMATTED_VALUE":
        return f"{value:.10g}"
    return int(value) if float(value).is_integer() else value


def _patterned(number: float, pattern: str) -> str:
    at = moment(number)
    words = {
        "yyyy": f"{at.year}", "mm": f"{at.month:02}", "m": f"{at.month}", "dd": f"{at.day:02}", "d": f"{at.day}",
        "h": f"{at.hour}", "hh": f"{at.hour:02}", "ss": f"{at.second:02}",
    }  # fmt: skip
    day, _, hour = pattern.partition(" ")
    text = re.sub(r"y+|m+|d+", lambda part: words.get(part[0], part[0]), day)
    words |= {"mm": f"{at.minute:02}"}
    return f"{text} {re.sub(r'h+|m+|s+', lambda part: words.get(part[0], part[0]), hour)}".rstrip()


def cell_data(cell: Cell) -> dict[str, object]:
    """Give a cell as `spreadsheets.get` describes it."""
    if cell == EMPTY:
        return {}
    told: dict[str, object] = {}
    if cell.pattern:
        told["userEnteredFormat"] = {"numberFormat": {"type": "DATE_TIME", "pattern": cell.pattern}}
    if cell.value is None:
        return told
    effective = _extended(cell.value)
    own = {"formulaValue": cell.formula} if cell.formula is not None else effective
    formatted = str(shown(cell, "FORMATTED_VALUE", "SERIAL_NUMBER"))
    return told | {"userEnteredValue": own, "effectiveValue": effective, "formattedValue": formatted}


def _extended(value: Shown | Fault) -> dict[str, object]:
    if isinstance(value, Fault):
        return {"errorValue": {"type": FAULT_TYPES[value], "message": "This cell cannot be worked out."}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def from_extended(data: dict[str, object]) -> object:
    """Read an ExtendedValue of a request as something typed in."""
    if "formulaValue" in data:
        return data["formulaValue"]
    return next(iter(data.values()), "")


# --- Order ---------------------------------------------------------------------------------------------------------


def rank(cell: Cell) -> tuple[int, float, str]:
    """Give a cell's place in an ascending sort: numbers, texts, booleans, faults; empty cells are placed apart."""
    value = cell.value
    if isinstance(value, Fault):
        return 3, 0.0, value
    if isinstance(value, bool):
        return 2, float(value), ""
    return (1, 0.0, value.casefold()) if isinstance(value, str) else (0, float(value or 0), "")
