"""Slotwise: everything behind the screens."""
