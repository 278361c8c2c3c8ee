"""Names each post, so that importing a file again updates it instead of adding it twice."""

from hashlib import blake2b

import polars as pl

from core.history.columns import ColumnMapping
from core.history.fields import Field
from core.history.known_headers import SHARED_LINKS, key

_BYTES = 12
_SEPARATOR = "\x1f"


def name_posts(rows: pl.DataFrame, source: pl.DataFrame, mapping: ColumnMapping) -> pl.Series:
    """Return a post id for each row: its own id, else its own address, else a hash that is the same at every import.

    The hash is of account, moment, title and text, so new counts keep the post. A row without a date is hashed with all
    its cells in `source`: such a file cannot tell an update from another post. Works on rows without `post_id` only
    where it must, because hashing costs more than reading.
    """
    is_address = key(mapping.column(Field.URL) or "") not in SHARED_LINKS
    given = pl.coalesce(Field.POST_ID, Field.URL) if is_address else pl.col(Field.POST_ID)
    named = rows.select(given.alias(Field.POST_ID)).to_series()
    missing = named.is_null().arg_true()
    if not len(missing):
        return named
    told = [Field.ACCOUNT, Field.PUBLISHED_AT, Field.TITLE, Field.TEXT]
    frame = rows.select(told) if mapping.is_dated else source
    texts = frame.select(
        pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator=_SEPARATOR).gather(missing)
    ).to_series()
    hashes = [f"row-{blake2b(text.encode(), digest_size=_BYTES).hexdigest()}" for text in texts]
    return named.scatter(missing, hashes)
