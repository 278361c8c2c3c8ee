"""The types of rules a batch may have; a new type is a file here and a line below."""

from core.rules.rule import RuleKind
from core.rules.types.content_based import CONTENT_BASED
from core.rules.types.priority_based import PRIORITY_BASED
from core.rules.types.time_based import TIME_BASED
from core.vocabulary import RuleType

RULES: dict[RuleType, RuleKind] = {
    RuleType.TIME_BASED: TIME_BASED,
    RuleType.CONTENT_BASED: CONTENT_BASED,
    RuleType.PRIORITY_BASED: PRIORITY_BASED,
}
