"""What a plan may be worth beside the outcome of its slots; a new term is a class in a file, entered here."""

from core.planning.grid import Term
from core.planning.terms.by_format import ByFormat
from core.planning.terms.stability import Stability

TERMS: dict[str, type[Term]] = {"stability": Stability, "by_format": ByFormat}
