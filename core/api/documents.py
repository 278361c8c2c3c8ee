"""The API's documents for people, Swagger UI and ReDoc, from files of this installation: no other site is asked."""

from functools import cache
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

ASSETS = "/assets"
ALONE = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:; frame-ancestors 'none'"
}
"""Keeps the documents from asking another site: ReDoc would fetch its maker's logo."""

_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_FILES = Path(fastapi_offline.__file__).parent / "static"


def install_documents(api: FastAPI) -> None:
    """Serve both documents and the files they need."""
    api.add_route(f"{ASSETS}/redoc.standalone.js", _redoc_script, include_in_schema=False)
    api.mount(ASSETS, StaticFiles(directory=_FILES), name="assets")
    api.add_route("/docs", _swagger, include_in_schema=False)
    api.add_route("/redoc", _redoc, include_in_schema=False)


@cache
def _redoc_text() -> bytes:
    """Return ReDoc without its maker's logo, which it would fetch from elsewhere."""
    return (_FILES / "redoc.standalone.js").read_bytes().replace(_LOGO, b"data:,")


async def _redoc_script(request: Request) -> Response:  # noqa: ARG001 - the signature of a route
    return Response(_redoc_text(), media_type="text/javascript")


async def _swagger(request: Request) -> HTMLResponse:
    root = request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title=request.app.title,
        swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
        swagger_ui_parameters={"persistAuthorization": False, "docExpansion": "none"},
    )
    return _alone(page)


async def _redoc(request: Request) -> HTMLResponse:
    root = request.scope.get("root_path", "")
    page = get_redoc_html(
        openapi_url=f"{root}/openapi.json",
        title=request.app.title,
        redoc_js_url=f"{root}{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{root}{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
    return _alone(page)


def _alone(page: HTMLResponse) -> HTMLResponse:
    page.headers.update(ALONE)
    return page
