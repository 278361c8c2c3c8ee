"""The OpenAPI document is true and whole, and its pages need no other machine."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_bodies import CALENDAR, a_calendar, create
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

ERROR = {"$ref": "#/components/schemas/ErrorBody"}
METHODS = {"get", "put", "post", "delete", "patch", "options", "head", "trace"}


@pytest.fixture
def house_url(sqlite_url: str) -> str:
    """Give a SQLite database: the document does not depend on its kind."""
    return sqlite_url


@pytest.fixture
def document(api: httpx.Client) -> dict[str, Any]:
    """Give the document as it is served."""
    answer = api.get("/api/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def calls(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every call."""
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            if method in METHODS:
                yield method, path, call


def references(part: Any) -> Iterator[str]:
    """Yield every reference in a part of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert not [f"{error.instance_path}: {error.message}" for error in OPENAPI_31_VALIDATOR.iter_errors(document)]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    named = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert named <= set(schemas)
    assert "ErrorBody" in named


def test_every_call_says_what_it_does_and_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    described = list(calls(document))
    assert len(described) > 15
    for method, path, call in described:
        assert call["summary"], (method, path)
        assert call["description"].strip(), (method, path)
        assert call["tags"], (method, path)
    assert not [name for name, times in Counter(call["operationId"] for *_, call in described).items() if times > 1]


def test_every_call_documents_the_refusals_that_are_possible_everywhere(document: dict[str, Any]) -> None:
    for method, path, call in calls(document):
        refused = {status: answer for status, answer in call["responses"].items() if status >= "400"}
        expected = {"400", "408", "413", "415", "422", "429", "500", "503"}
        assert expected <= set(refused), (method, path)
        for status, answer in refused.items():
            if answer.get("content") and not (status == "503" and "health" in path):
                assert answer["content"]["application/json"]["schema"] == ERROR, (method, path, status)
            assert answer["description"], (method, path, status)


def test_every_call_but_those_that_are_open_names_its_key_and_scope(document: dict[str, Any]) -> None:
    for method, path, call in calls(document):
        if path.endswith("/health") or path == "/v1/auth/token":
            assert "security" not in call, path
            continue
        assert call["security"] == [{"key": []}], (method, path)
        assert re.search(r"Scope: `[a-z]+:(read|write)`", call["description"]), (method, path)
        if method == "get" and not path.endswith("/secret"):
            assert ":write`" not in call["description"], path


def test_every_post_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for method, path, call in calls(document):
        if method == "post" and path != "/v1/auth/token":
            names = {parameter["name"] for parameter in call.get("parameters", ())}
            assert "Idempotency-Key" in names, path


def examples(schema: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    """Give the examples of a schema, or of the one it refers to."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return [*schema.get("examples", ()), *([schema["example"]] if "example" in schema else [])]


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    """Yield every call with each example of its body."""
    for method, path, call in calls(document):
        content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
        given = [each["value"] for each in content.get("examples", {}).values()]
        for example in [*given, *examples(content.get("schema", {}), document)]:
            yield method, path, call, example


def test_every_example_of_a_body_can_be_sent(api: httpx.Client, document: dict[str, Any]) -> None:
    sent = 0
    known = create(api)
    ids = {"calendar_id": known["id"], "item_id": known["items"][0]["id"]}
    for method, path, call, example in bodies(document):
        address = re.sub(r"\{(\w+)\}", lambda part: ids.get(part[1], "unknown"), path)
        answer = api.request(method, f"/api{address}", json=example)
        assert str(answer.status_code) in call["responses"], (method, path, answer.text)
        assert answer.status_code not in {400, 415, 422}, (method, path, answer.text)
        sent += 1
    assert sent > 0


def test_the_first_example_of_the_document_is_the_first_call_of_the_quick_start(
    api: httpx.Client, document: dict[str, Any]
) -> None:
    (example,) = (each for *call, _, each in bodies(document) if call == ["post", "/v1/scheduling/calendar"])
    assert api.post(CALENDAR, json=example).status_code == 201


def test_every_answer_that_succeeds_is_described_by_a_schema(document: dict[str, Any]) -> None:
    for method, path, call in calls(document):
        good = {status: answer for status, answer in call["responses"].items() if status < "300"}
        assert good, (method, path)
        for answer in good.values():
            for content in answer.get("content", {}).values():
                assert content["schema"], (method, path)


class Addresses(HTMLParser):
    """Gathers every address a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"src", "href"} and value]


@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_the_pages_refer_to_this_server_only_and_it_has_what_they_refer_to(api: httpx.Client, page: str) -> None:
    html = api.get(f"/api/{page}")
    assert html.headers["content-type"].startswith("text/html")
    parser = Addresses()
    parser.feed(html.text)
    written = [*parser.found, *re.findall(r"""(?:url|spec-url)\s*[:=]\s*['"]([^'"]+)['"]""", html.text)]
    assert len(written) >= 2
    for address in written:
        assert not urlsplit(address).netloc, address
        assert api.get(address).status_code == 200, address
    assert not re.search(r"https?://", html.text)


def test_the_root_leads_to_the_pages(api: httpx.Client) -> None:
    for path in ("/docs", "/redoc"):
        assert api.get(path).headers["location"] == f"/api{path}"


def test_what_is_made_has_the_shape_it_is_documented_with(api: httpx.Client, document: dict[str, Any]) -> None:
    made = api.post(CALENDAR, json=a_calendar()).json()["data"]
    shape = document["components"]["schemas"]["CalendarShape"]
    assert set(made) == set(shape["properties"])
