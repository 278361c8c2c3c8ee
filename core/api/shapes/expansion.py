"""The `expand` parameter: what a resource is to carry along, as a list, repeated, or in the bracket spelling."""

from pydantic import Field

from core.api.wire import Query
from core.errors import Invalid, Problem

PARTS = frozenset({"items", "metrics"})
USUAL = frozenset({"items"})


class Expand(Query):
    """`expand=items,metrics`, `expand=items&expand=metrics` and `expand[]=items` mean the same.

    Who says nothing gets the items: there are clients that read them without asking.
    """

    expand: list[str] = Field(
        [], max_length=10, description="`items`, `metrics`, or both with a comma; left out: the items."
    )
    expand_brackets: list[str] = Field([], alias="expand[]", max_length=10)

    def names(self) -> frozenset[str]:
        """Return the parts that are wanted (Invalid: one there is not)."""
        wanted = {name.strip() for text in (*self.expand, *self.expand_brackets) for name in text.split(",")} - {""}
        if unknown := sorted(wanted - PARTS):
            raise Invalid((Problem("expand", unknown[0], "use items, metrics or both"),))
        return frozenset(wanted) if self.model_fields_set else USUAL
