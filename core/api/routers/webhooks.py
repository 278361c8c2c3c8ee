"""Webhooks: endpoints, their secrets, the log of deliveries and sending again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import WebhooksReader, WebhooksWriter
from core.api.answers import CREATED, refusals
from core.api.posting import Posted
from core.api.revisions import IfMatch, expected_revision, with_etag
from core.api.shapes.webhooks import (
    DeliveryQuery,
    DeliveryShape,
    EndpointPatch,
    EndpointShape,
    NewEndpointBody,
    SecretShape,
    delivery_shape,
    detail_shape,
    endpoint_shape,
)
from core.api.wire import Listing, Paging, Resource, listing
from core.api.wire import Query as Asked
from core.services.context import Context
from core.services.webhook_deliveries import find_delivery, list_deliveries, replay_delivery
from core.services.webhook_outlets import reveal_callback_secret, rotate_callback_secret
from core.services.webhook_views import EndpointView
from core.services.webhooks import (
    MOST_ENDPOINTS,
    add_endpoint,
    edit_endpoint,
    find_endpoint,
    list_endpoints,
    ping_endpoint,
    remove_endpoint,
    reveal_secret,
    rotate_secret,
)

router = APIRouter(prefix="/v1", tags=["Webhooks"])

WebhookId = Annotated[str, Path(max_length=64, examples=["hook_5f0c1a9b2d3e4f5061728394"])]
DeliveryId = Annotated[str, Path(max_length=64, examples=["msg_5f0c1a9b2d3e4f5061728394"])]


@router.get("/webhooks", responses=refusals())
def list_all(_: Annotated[Asked, Query()], access: WebhooksReader) -> Listing[EndpointShape]:
    """List the endpoints of the workspace, oldest first; there are at most 50."""
    shapes = [endpoint_shape(each) for each in list_endpoints(access.ctx)]
    return listing(shapes, Paging.model_construct(limit=MOST_ENDPOINTS), None)


@router.post("/webhooks", status_code=HTTPStatus.CREATED, response_model=Resource[EndpointShape], responses=CREATED)
def create(body: NewEndpointBody, access: WebhooksWriter, post: Posted) -> Response:
    """Tell an address of what happens from now on; read its secret to verify what arrives."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.CREATED, _resource(add_endpoint(ctx, body.draft()))))


@router.get("/webhooks/{webhook_id}", response_model=Resource[EndpointShape], responses=refusals(404))
def read(webhook_id: WebhookId, access: WebhooksReader) -> Response:
    """Read an endpoint."""
    return _etagged(find_endpoint(access.ctx, webhook_id))


@router.patch("/webhooks/{webhook_id}", response_model=Resource[EndpointShape], responses=refusals(404, 409))
def edit(webhook_id: WebhookId, body: EndpointPatch, access: WebhooksWriter, if_match: IfMatch = None) -> Response:
    """Change an endpoint, or switch it off and on."""
    revision = expected_revision(if_match, body.expected_revision)
    with access.ctx.together() as ctx:
        wanted = body.draft(find_endpoint(ctx, webhook_id))
        return _etagged(edit_endpoint(ctx, webhook_id, wanted, revision))


@router.delete("/webhooks/{webhook_id}", status_code=HTTPStatus.NO_CONTENT, responses=refusals(404, 409))
def remove(webhook_id: WebhookId, access: WebhooksWriter, if_match: IfMatch = None) -> None:
    """Remove an endpoint with its deliveries; nothing more is sent to it."""
    remove_endpoint(access.ctx, webhook_id, expected_revision(if_match))


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Resource[DeliveryShape],
    responses=refusals(404, 409),
)
def test(webhook_id: WebhookId, access: WebhooksWriter, post: Posted) -> Response:
    """Have a `ping` sent; its delivery tells within seconds how it went."""

    def work(ctx: Context) -> tuple[int, Resource[DeliveryShape]]:
        return HTTPStatus.ACCEPTED, _delivery(delivery_shape(ping_endpoint(ctx, webhook_id)))

    return post.once(access.ctx, work)


@router.get("/webhooks/{webhook_id}/secret", responses=refusals(404))
def secret(webhook_id: WebhookId, access: WebhooksWriter) -> Resource[SecretShape]:
    """Read the secret that an endpoint's deliveries are signed with."""
    return _secret(webhook_id, reveal_secret(access.ctx, webhook_id))


@router.post("/webhooks/{webhook_id}/rotate-secret", response_model=Resource[SecretShape], responses=refusals(404, 409))
def rotate(webhook_id: WebhookId, access: WebhooksWriter, post: Posted, if_match: IfMatch = None) -> Response:
    """Draw another secret; what is sent from now on is signed with it."""
    revision = expected_revision(if_match)

    def work(ctx: Context) -> tuple[int, Resource[SecretShape]]:
        return HTTPStatus.OK, _secret(webhook_id, rotate_secret(ctx, webhook_id, revision))

    return post.once(access.ctx, work, is_secret=True)


@router.get("/webhooks/{webhook_id}/deliveries", responses=refusals(404))
def list_of_endpoint(
    webhook_id: WebhookId, query: Annotated[DeliveryQuery, Query()], access: WebhooksReader
) -> Listing[DeliveryShape]:
    """List what was sent to an endpoint, newest first."""
    return _deliveries(access.ctx, query, webhook_id)


@router.get("/deliveries", responses=refusals())
def list_deliveries_of_all(query: Annotated[DeliveryQuery, Query()], access: WebhooksReader) -> Listing[DeliveryShape]:
    """List what was sent to all endpoints and to the callbacks of items, newest first."""
    return _deliveries(access.ctx, query, None)


@router.get("/deliveries/{delivery_id}", responses=refusals(404))
def read_delivery(delivery_id: DeliveryId, access: WebhooksReader) -> Resource[DeliveryShape]:
    """Read a delivery with its body and every attempt."""
    return _delivery(detail_shape(find_delivery(access.ctx, delivery_id)))


@router.post(
    "/deliveries/{delivery_id}/replay",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Resource[DeliveryShape],
    responses=refusals(404, 409),
)
def replay(delivery_id: DeliveryId, access: WebhooksWriter, post: Posted) -> Response:
    """Send a delivery that has ended once more, with the same `webhook-id`."""

    def work(ctx: Context) -> tuple[int, Resource[DeliveryShape]]:
        return HTTPStatus.ACCEPTED, _delivery(delivery_shape(replay_delivery(ctx, delivery_id)))

    return post.once(access.ctx, work)


@router.get("/callbacks/secret", responses=refusals())
def callbacks_secret(access: WebhooksWriter) -> Resource[SecretShape]:
    """Read the secret that the callbacks of items are signed with."""
    return _secret("callbacks", reveal_callback_secret(access.ctx))


@router.post("/callbacks/rotate-secret", response_model=Resource[SecretShape], responses=refusals(409))
def rotate_callbacks_secret(access: WebhooksWriter, post: Posted) -> Response:
    """Draw another secret for callbacks; what is sent from now on is signed with it."""

    def work(ctx: Context) -> tuple[int, Resource[SecretShape]]:
        return HTTPStatus.OK, _secret("callbacks", rotate_callback_secret(ctx))

    return post.once(access.ctx, work, is_secret=True)


def _deliveries(ctx: Context, query: DeliveryQuery, webhook_id: str | None) -> Listing[DeliveryShape]:
    page = list_deliveries(ctx, webhook_id, query.state, query.limit, query.cursor)
    return listing([delivery_shape(each) for each in page.deliveries], Paging(limit=query.limit), page.next_cursor)


def _resource(view: EndpointView) -> Resource[EndpointShape]:
    shape = endpoint_shape(view)
    return Resource(data=shape, id=shape.id, state=shape.state)


def _etagged(view: EndpointView) -> Response:
    return with_etag(_resource(view), view.version)


def _delivery(shape: DeliveryShape) -> Resource[DeliveryShape]:
    return Resource(data=shape, id=shape.id, state=shape.state)


def _secret(key: str, text: str) -> Resource[SecretShape]:
    return Resource(data=SecretShape(id=key, secret=text), id=key, state="active")
