"""How far the bulk jobs are: what runs and waits, how fast and until when, and what became of each row."""

from core.ui import progress_actions, progress_blank, progress_live
from core.ui.compose import compose_button
from core.ui.shell import page_head

with page_head("Progress"):
    progress_blank.offer_batch()
    compose_button()
progress_live.show_progress()
progress_actions.show_dialogs()
