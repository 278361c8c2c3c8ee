"""How a walk meets a screen that is drawn anew after every act: it waits for the answer and takes no older copy."""

from playwright.sync_api import BrowserContext, Locator, Page, expect

PATIENCE = 90_000
"""Milliseconds: the machine may be doing four other things. What is there sooner is taken sooner."""
QUIET = 300
"""Milliseconds without a run before a screen is settled: longer than fields wait for the next key before they tell."""
NOTE_TALK = """
window.WebSocket = class extends WebSocket {
    constructor(...all) {
        super(...all);
        this.addEventListener("message", () => { window.heardAt = performance.now(); });
    }
    send(data) {
        window.askedAt = performance.now();
        super.send(data);
    }
};
"""
"""Notes when the page last asked and when it last heard: a run is shown only half a second after it was asked for."""
IS_SETTLED = """
(quiet) => {
    const app = document.querySelector("[data-testid=stApp]"), now = performance.now();
    const settled = app?.dataset.testConnectionState === "CONNECTED" && app.dataset.testScriptState === "notRunning"
        && window.heardAt > window.askedAt
        && !document.querySelector("[data-stale=true], [data-testid=stSkeleton], [data-testid=stAppSkeleton]");
    if (!settled) window.busyAt = now;
    return now - window.busyAt > quiet;
}
"""


def be_patient(context: BrowserContext) -> None:
    """Let every window of this context wait as long as a busy machine needs, and note what it asks and hears."""
    context.set_default_timeout(PATIENCE)
    context.add_init_script(NOTE_TALK)
    expect.set_options(timeout=PATIENCE)


def settle(page: Page) -> None:
    """Wait until all that was asked is answered and drawn, and nothing more is asked."""
    page.evaluate("window.busyAt = performance.now()")
    page.wait_for_function(IS_SETTLED, arg=QUIET)


def keyed(page: Page, key: str) -> Locator:
    """Give the element or container of this key, as the newest run has drawn it."""
    return page.locator(f".st-key-{key}:not([data-stale=true])").first


def keyed_from(page: Page, start: str) -> Locator:
    """Give the first element or container whose key begins like this."""
    return page.locator(f"[class*=st-key-{start}]:not([data-stale=true])").first


def click(target: Locator) -> None:
    """Click once the screen has settled, and wait for what comes of it."""
    settle(target.page)
    target.first.click()
    settle(target.page)


def press(page: Page, key: str) -> None:
    """Press the button of this key."""
    click(keyed(page, key).locator("button"))


def see(page: Page, words: str) -> None:
    """Wait until these words are on the screen."""
    expect(page.get_by_text(words).first).to_be_visible()


def type_into(page: Page, key: str, words: str) -> None:
    """Write into a field and leave it with Enter."""
    field = keyed(page, key).locator("input").first
    field.fill(words)
    field.press("Enter")
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Take an option of a list one can type into."""
    box = page.get_by_role("combobox", name=label).first
    box.click()
    box.fill(option)
    box.press("Enter")
    settle(page)
