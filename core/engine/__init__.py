"""Background work: a catalog of jobs and the runner that keeps them going inside this process."""
