"""Tables of arms against something else, and whether the two have to do with each other."""

import numpy as np
import polars as pl

from core.trials.values import Known, Vector
from core.undefined import Undefined

_SIMULATED = 20_000
_AT_FIRST, _PLAIN = 1_000, 0.05
"""So many tables tell already that nothing is wrong, as it nearly always is; below this p all of them are drawn."""
_FEW = 5
"""Below so many expected posts in a cell χ² is not to be trusted, and the draw is repeated instead."""


def independence(rows: pl.DataFrame, column: str) -> Known:
    """Return the p-value of "arm and column have nothing to do with each other".

    Pearson's χ² (scipy's `chi2_contingency` without correction); where cells are thin, the share of tables with the
    same margins that are as far off (Patefield's, drawn by scipy with a fixed seed).
    """
    known = rows.drop_nulls(["arm", column])
    counted = known.group_by("arm", column).len().pivot(column, index="arm", values="len").drop("arm").fill_null(0)
    return table_p(counted.to_numpy().astype(np.float64))


def table_p(table: Vector) -> Known:
    """Return the same for a table of counts (arms by kinds); rows and columns without a post are left out."""
    from scipy.stats import chi2_contingency, random_table

    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    if min(table.shape) < 2:  # noqa: PLR2004 - a table needs two of each
        return Undefined("All posts are alike in this.")
    found = chi2_contingency(table, correction=False)
    if found.expected_freq.min() >= _FEW:
        return float(found.pvalue)
    tables = random_table(table.sum(1), table.sum(0), seed=np.random.default_rng(0))
    p = 0.0
    for count in (_AT_FIRST, _SIMULATED):
        if p <= _PLAIN:
            away = ((tables.rvs(count) - found.expected_freq) ** 2 / found.expected_freq).sum((1, 2))
            p = float((1 + (away >= found.statistic * (1 - 1e-9)).sum()) / (1 + count))
    return p
