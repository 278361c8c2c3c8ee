"""Use cases: one public function per thing a user wants done."""
