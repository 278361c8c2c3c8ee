"""Better times for the posts of a calendar: what the planner proposes, why, and what of it is applied."""

from core.ui import optimizer_ask, optimizer_boards, optimizer_compare, optimizer_result, optimizer_run
from core.ui.compose import compose_button
from core.ui.shell import page_head

with page_head("Optimizer"):
    compose_button()
calendar = optimizer_ask.choose_calendar()
if calendar is None:
    optimizer_ask.show_nothing()
else:
    order = optimizer_ask.ask_order(calendar)
    optimizer_run.offer_start(calendar, order)
    run = optimizer_run.show_run(calendar)
    if run and run.proposal:
        optimizer_result.show_headline(run, run.proposal)
        optimizer_boards.show_boards(run, run.proposal, calendar.timezone)
        optimizer_result.show_moves(run, run.proposal)
        optimizer_result.show_left(run.proposal)
        optimizer_compare.offer_comparison(calendar, run)
