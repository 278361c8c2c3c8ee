"""Templates of a batch: all settings but the name and the times, kept under a name for everybody."""

from dataclasses import replace

import streamlit as st

from core.services.bulk_templates import TemplateView, delete_template, find_template, list_templates, save_template
from core.ui.batch_draft import as_template, change, draft, forget_widgets, seeded, settings_of
from core.ui.failures import attempt
from core.ui.queries import ask
from core.ui.state import context, say_next
from core.ui.wording import plain

_NAME_LIMIT = 100


def show_templates() -> None:
    """Draw what is kept, and the way to keep these settings."""
    st.markdown("**Templates**")
    templates = {each.id: each for each in ask(list_templates) if settings_of(each.content) is not None}
    if templates:
        _offer_load(templates)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name: str = st.text_input(
            "Keep these settings as", key=seeded("template_name", ""), max_chars=_NAME_LIMIT, placeholder="Weekly batch"
        )
        st.button(
            "Save template",
            icon=":material/save:",
            key="batch_template_save",
            disabled=not name.strip(),
            on_click=attempt,
            args=(_save, name),
        )
    held = any(each.name == name.strip() for each in templates.values())
    st.caption(
        "This takes the place of the template of that name."
        if held
        else "A template keeps every setting of steps 2 to 4 except the name, the start and the end; not the rows."
    )


def _offer_load(templates: dict[str, TemplateView]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen: str | None = st.selectbox(
            "Saved settings",
            list(templates),
            format_func=lambda key: templates[key].name,
            key=f"{'batch_'}template",
        )
        if chosen is None:
            return
        st.button("Load", icon=":material/download:", key="batch_template_load", on_click=attempt, args=(_load, chosen))
        st.button(
            "Delete", icon=":material/delete:", key="batch_template_delete", on_click=attempt, args=(_delete, chosen)
        )


def _save(name: str) -> None:
    kept = save_template(context(), name, as_template(draft().settings))
    say_next(f"Settings kept as {plain(kept.name)}")


def _load(template_id: str) -> None:
    template = find_template(context(), template_id)
    if (found := settings_of(template.content)) is None:
        return
    own = draft().settings
    change(settings=replace(found, name=own.name, starts_at=own.starts_at, ends_at=own.ends_at))
    forget_widgets()
    say_next(f"The settings are now those of {plain(template.name)}")


def _delete(template_id: str) -> None:
    template = find_template(context(), template_id)
    delete_template(context(), template_id)
    say_next(f"The template {plain(template.name)} is gone")
