"""Every post by month, week or list."""

from core.ui.shell import page_head

page_head("Calendar")
