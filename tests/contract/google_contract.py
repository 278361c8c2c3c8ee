"""Judges requests and answers by the discovery documents Google publishes of Sheets v4 and Drive v3."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

DOCUMENTS = ("sheets.v4", "drive.v3")
WHOLE_NUMBER = {"type": ["integer", "string"], "pattern": r"^-?\d+$"}
"""A number in a request may be written as text, as Google's own libraries do."""

IGNORED = {
    ("drive.files.get", "includeItemsFromAllDrives"): "gspread sends it with every call of Drive",
    ("drive.permissions.create", "withLink"): "gspread sends this field of Drive v2; Drive v3 passes over it",
}
"""What Google takes without a word although its documents do not know it."""


@dataclass(frozen=True)
class Method:
    """One method of one of the documents, found by the address somebody called."""

    id: str
    document: str
    spec: Mapping[str, Any]
    place: Mapping[str, str]

    def scopes(self) -> frozenset[str]:
        """Give the scopes any one of which lets somebody call it."""
        return frozenset(self.spec["scopes"])


@cache
def document(name: str) -> dict[str, Any]:
    """Read a discovery document as google-api-python-client brings it."""
    found = files("googleapiclient.discovery_cache.documents") / f"{name}.json"
    loaded: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return loaded


def _methods(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


@cache
def _templates() -> tuple[tuple[str, re.Pattern[str], str, Mapping[str, Any]], ...]:
    """Give verb, pattern, document and method; the most literal path first: `values:batchGet` beats `{range}`."""
    found = []
    for name in DOCUMENTS:
        whole = document(name)
        for spec in _methods(whole):
            path = whole["servicePath"] + spec.get("flatPath", spec["path"])
            pattern = "".join(
                f"(?P<{part[1:-1]}>[^/]+?)" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{\w+\})", path)
            )
            found.append((len(re.sub(r"\{\w+\}", "", path)), spec["httpMethod"], re.compile(pattern), name, spec))
    return tuple(entry[1:] for entry in sorted(found, key=lambda entry: -entry[0]))


def find_method(verb: str, path: str) -> Method | None:
    """Find what a request calls; `path` is still percent-encoded."""
    for spoken, pattern, name, spec in _templates():
        if spoken == verb and (match := pattern.fullmatch(path.removeprefix("/"))):
            return Method(spec["id"], name, spec, match.groupdict())
    return None


# --- What a request may say ----------------------------------------------------------------------------------------


def parameter_faults(method: Method, query: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Name each parameter that is unknown, missing, given twice or has a value it cannot have."""
    known = {**document(method.document)["parameters"], **method.spec.get("parameters", {})}
    for name, values in query.items():
        if (spec := known.get(name)) is None or spec.get("location") == "path":
            if (method.id, name) not in IGNORED:
                yield f"{method.id} has no parameter {name!r}"
        elif len(values) > 1 and not spec.get("repeated"):
            yield f"{method.id} takes one {name!r}, not {len(values)}"
        else:
            yield from (f"{method.id}: {name}={value!r}" for value in values if not _fits(value, spec))
    for name, spec in method.spec.get("parameters", {}).items():
        if spec.get("required") and name not in {**query, **method.place}:
            yield f"{method.id} needs the parameter {name!r}"


def _fits(value: str, spec: Mapping[str, Any]) -> bool:
    if spec["type"] == "integer":
        return re.fullmatch(r"-?\d+", value) is not None
    if spec["type"] == "boolean":
        return value in {"true", "false", "True", "False"}
    return value in spec["enum"] if "enum" in spec else True


def body_faults(method: Method, body: object) -> Iterator[str]:
    """Name what a request's body says that the method does not take; JSON's null says nothing."""
    if (wanted := method.spec.get("request")) is None:
        if body is not None:
            yield f"{method.id} takes no body"
        return
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if (method.id, name) not in IGNORED}
    yield from _schema_faults(method, wanted["$ref"], without_nulls(body or {}), is_lenient=True)


def answer_faults(method: Method, body: object) -> Iterator[str]:
    """Name what an answer says that Google never would."""
    if (given := method.spec.get("response")) is not None:
        yield from _schema_faults(method, given["$ref"], body, is_lenient=False)
    elif body is not None:
        yield f"{method.id} answers nothing"


def without_nulls(body: object) -> object:
    """Leave out what is null; in rows of values a null is a cell to pass over, and stays."""
    if isinstance(body, dict):
        return {
            name: value if name == "values" else without_nulls(value)
            for name, value in body.items()
            if value is not None
        }
    return [without_nulls(value) for value in body] if isinstance(body, list) else body


# --- Schemas -------------------------------------------------------------------------------------------------------


def _schema_faults(method: Method, name: str, body: object, *, is_lenient: bool) -> Iterator[str]:
    for error in _validator(method.document, name, is_lenient).iter_errors(body):
        yield f"{method.id}: {'.'.join(map(str, error.instance_path)) or name}: {error.message[:200]}"


@cache
def _validator(name: str, schema: str, is_lenient: bool) -> jsonschema_rs.Validator:
    definitions = {key: _converted(value, is_lenient) for key, value in document(name)["schemas"].items()}
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{schema}", "$defs": definitions})


def _converted(spec: Mapping[str, Any], is_lenient: bool) -> dict[str, Any]:
    """Turn a schema of a discovery document into a JSON Schema that allows nothing it does not name."""
    if "$ref" in spec:
        return {"$ref": f"#/$defs/{spec['$ref']}"}
    if spec["type"] == "any":
        return {}
    if is_lenient and spec["type"] == "integer":
        return WHOLE_NUMBER
    kept: dict[str, Any] = {key: spec[key] for key in ("type", "enum") if key in spec}
    if "items" in spec:
        kept["items"] = _converted(spec["items"], is_lenient)
    if spec["type"] == "object":
        kept["properties"] = {key: _converted(value, is_lenient) for key, value in spec.get("properties", {}).items()}
        more = spec.get("additionalProperties")
        kept["additionalProperties"] = _converted(more, is_lenient) if more else False
    return kept


# --- Field masks ---------------------------------------------------------------------------------------------------

Mask = dict[str, "Mask"]
"""The fields somebody asked for; one with nothing below it is asked for as a whole."""


def parse_mask(text: str) -> Mask:
    """Read `a,b(c,d/e)`."""
    tokens = re.findall(r"[\w*]+|[(),./]", text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise ValueError(text)
    mask: Mask = {}
    _read_mask(tokens, mask)
    return mask


def _read_mask(tokens: list[str], mask: Mask) -> None:
    while tokens and tokens[0] != ")":
        at = mask.setdefault(tokens.pop(0), {})
        while tokens and tokens[0] in {".", "/"}:
            tokens.pop(0)
            at = at.setdefault(tokens.pop(0), {})
        if tokens and tokens[0] == "(":
            tokens.pop(0)
            _read_mask(tokens, at)
            tokens.pop(0)
        if tokens and tokens[0] == ",":
            tokens.pop(0)


def masked(value: Any, mask: Mask) -> Any:
    """Keep what a mask names."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(entry, mask) for entry in value]
    return {name: masked(value[name], below) for name, below in mask.items() if name in value}


def mask_faults(method: Method, mask: Mask) -> Iterator[str]:
    """Name each field of a mask that the method's answer cannot have."""
    answer = method.spec.get("response", {}).get("$ref")
    yield from _unknown(document(method.document)["schemas"], {"$ref": answer}, mask) if answer else ()


def _unknown(schemas: Mapping[str, Any], spec: Mapping[str, Any], mask: Mask) -> Iterator[str]:
    while "$ref" in spec or "items" in spec:
        spec = schemas[spec["$ref"]] if "$ref" in spec else spec["items"]
    for name, below in mask.items():
        if name != "*" and name not in spec.get("properties", {}):
            yield f"the mask names {name!r}, which is no field there"
        elif name != "*":
            yield from _unknown(schemas, spec["properties"][name], below)
