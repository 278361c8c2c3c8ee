"""HTTP: what other programs ask Slotwise."""
