"""Small algebra stays on one thread, in whichever library it is done."""

import os
import subprocess
import sys

CODE = """
from core.timing.algebra import one_thread
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
with one_thread():
    print([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"])
"""


def test_numpys_and_scipys_algebra_are_bounded_though_scipy_is_used_later() -> None:
    own = os.environ | {"OPENBLAS_NUM_THREADS": "2"}  # on a machine of one core as well
    done = subprocess.run([sys.executable, "-c", CODE], env=own, capture_output=True, text=True, check=True)  # noqa: S603 - our own line
    assert set(done.stdout.strip()[1:-1].split(", ")) == {"1"}
