"""A/B trials of timing as pure functions: samples, tests, sequences, posteriors, design, draw and health."""
