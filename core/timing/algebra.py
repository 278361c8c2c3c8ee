"""Keeps small algebra on one thread: with a thread per core a fit takes ten times as long."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np  # noqa: F401 - its algebra library must be loaded before it is looked for
import scipy.linalg  # noqa: F401 - brings a second one of its own
from threadpoolctl import ThreadpoolController

_BLAS = ThreadpoolController()
"""Knows the algebra libraries loaded above; libraries that come later are not its business."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Make a context in which the algebra libraries use one thread."""
    with _BLAS.limit(limits=1, user_api="blas"):
        yield
