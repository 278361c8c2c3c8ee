"""The tab of the webhooks: added, tested, paused, their secrets, and the log with sending again."""

import pytest
from screens import frame, words
from streamlit.testing.v1 import AppTest

from core.services.context import Context
from core.services.webhook_deliveries import list_deliveries
from core.services.webhook_outlets import reveal_callback_secret
from core.services.webhook_views import EndpointDraft, EndpointView
from core.services.webhooks import add_endpoint, list_endpoints, ping_endpoint, reveal_secret
from core.storage.tables import WebhookDelivery, WebhookEndpoint
from core.vocabulary import DeliveryState

URL = "https://example.com/hook"


@pytest.fixture
def hook(ctx: Context) -> EndpointView:
    return add_endpoint(ctx, EndpointDraft(URL, "CRM *main*", ("item.published",)))


def tab() -> AppTest:
    page = frame()
    page.query_params["settings"] = "Webhooks"
    return page.run().switch_page("settings.py").run()


def test_without_webhooks_the_tab_says_what_they_are_for(ctx: Context) -> None:
    assert "No webhooks yet" in words(tab())


def test_a_webhook_is_added_and_its_secret_shown(ctx: Context) -> None:
    page = tab()
    page.button(key="hook_new").click().run()
    page.text_input(key="hook_url").set_value(f" {URL} ")
    page.multiselect(key="hook_types").select("item.failed")
    page.button(key="hook_save").click().run()
    (made,) = list_endpoints(ctx)
    assert (made.url, made.types) == (URL, ("item.failed",))
    assert page.code[0].value == reveal_secret(ctx, made.id)
    page.button(key="hook_rotate").click().run()
    assert page.code[0].value == reveal_secret(ctx, made.id)
    page.button(key="hook_secret_done").click().run()
    assert not page.exception


def test_an_address_that_is_none_is_explained_and_what_was_typed_stays(ctx: Context) -> None:
    page = tab()
    page.button(key="hook_new").click().run()
    page.text_input(key="hook_url").set_value("http://10.0.0.1")
    page.button(key="hook_save").click().run()
    assert "The webhook address must start with https" in words(page)
    assert page.text_input(key="hook_url").value == "http://10.0.0.1"
    assert list_endpoints(ctx) == ()


def test_a_webhook_is_paused_switched_on_edited_and_removed(ctx: Context, hook: EndpointView) -> None:
    page = tab()
    page.button(key=f"hook_switch_{hook.id}").click().run()
    assert not list_endpoints(ctx)[0].active
    assert "Paused" in words(page)
    page.button(key=f"hook_switch_{hook.id}").click().run()
    assert list_endpoints(ctx)[0].active
    page.button(key=f"hook_edit_{hook.id}").click().run()
    page.text_input(key="hook_description").set_value("Newsroom")
    page.button(key="hook_save").click().run()
    assert list_endpoints(ctx)[0].description == "Newsroom"
    page.button(key=f"hook_remove_{hook.id}").click().run()
    page.button(key="hook_remove_yes").click().run()
    assert list_endpoints(ctx) == ()
    assert not page.exception


def test_a_test_opens_the_log_and_what_failed_is_sent_again(ctx: Context, hook: EndpointView) -> None:
    page = tab()
    page.button(key=f"hook_test_{hook.id}").click().run()
    (ping,) = list_deliveries(ctx).deliveries
    assert f"webhook-id `{ping.id}`" in words(page)
    with ctx.write() as session:
        session.get_one(WebhookDelivery, ping.id).state = DeliveryState.FAILED
    page = tab()
    page.button(key=f"hook_log_{hook.id}").click().run()
    page.button(key=f"hook_replay_{ping.id}").click().run()
    assert list_deliveries(ctx).deliveries[0].state is DeliveryState.PENDING
    assert not page.exception


def test_a_webhook_that_was_switched_off_says_why(ctx: Context, hook: EndpointView) -> None:
    ping_endpoint(ctx, hook.id)
    with ctx.write() as session:
        row = session.get_one(WebhookEndpoint, hook.id)
        row.active, row.disabled_reason = False, "The receiver answered 410: it wants nothing any more."
    said = words(tab())
    assert "Switched off" in said
    assert "it wants nothing any more" in said
    assert "1 message on the way" in said


def test_the_secret_of_callbacks_is_shown_on_demand_and_drawn_anew(ctx: Context) -> None:
    page = tab()
    assert not page.code
    page.button(key="callbacks_show").click().run()
    first = page.code[0].value
    assert first == reveal_callback_secret(ctx)
    page.button(key="callbacks_rotate").click().run()
    assert page.code[0].value == reveal_callback_secret(ctx) != first
