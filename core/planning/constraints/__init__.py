"""What no plan may break beside the limits of its channels; a new constraint is a class in a file, entered here."""

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.constraints.order import Order
from core.planning.grid import Constraint

CONSTRAINTS: dict[str, type[Constraint]] = {"cross_platform_gap": CrossPlatformGap, "order": Order}
