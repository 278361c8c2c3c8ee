"""What stands for a post's success, decided once per file so that all its posts are measured alike."""

import polars as pl

from core.history.columns import ColumnMapping
from core.history.fields import Field
from core.vocabulary import EXPOSURES, INTERACTIONS


def engagement(mapping: ColumnMapping) -> pl.Expr:
    """Return engagement as an expression over accepted rows: null where a row lacks what the file counts.

    The platform's own total of interactions; else the sum of the interactions the file has (those a row has); else
    views, reach or impressions, the first the file has.
    """
    if Field.INTERACTIONS in mapping.columns:
        return pl.col(Field.INTERACTIONS)
    counted = [Field(metric.value) for metric in INTERACTIONS if Field(metric.value) in mapping.columns]
    if counted:
        is_unknown = pl.all_horizontal(pl.col(field).is_null() for field in counted)
        return pl.when(~is_unknown).then(pl.sum_horizontal(pl.col(counted)))
    exposed = [Field(metric.value) for metric in EXPOSURES if Field(metric.value) in mapping.columns]
    return pl.col(exposed[0]) if exposed else pl.lit(None, pl.Float64)
