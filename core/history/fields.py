"""What Slotwise wants to know about a past post."""

from enum import StrEnum

from core.vocabulary import Metric


class Field(StrEnum):
    """One thing a column of a history file can hold; metrics carry the name of their Metric."""

    POST_ID = "post_id"
    PUBLISHED_AT = "published_at"
    TIME_OF_DAY = "time_of_day"
    MONTH = "month"
    WEEKDAY = "weekday"
    HOUR = "hour"
    MEASURED_AT = "measured_at"
    ZONE = "zone"
    ACCOUNT = "account"
    TITLE = "title"
    TEXT = "text"
    URL = "url"
    CONTENT_FORMAT = "content_format"
    VIEWS = Metric.VIEWS.value
    IMPRESSIONS = Metric.IMPRESSIONS.value
    REACH = Metric.REACH.value
    LIKES = Metric.LIKES.value
    COMMENTS = Metric.COMMENTS.value
    SHARES = Metric.SHARES.value
    SAVES = Metric.SAVES.value
    CLICKS = Metric.CLICKS.value
    INTERACTIONS = Metric.INTERACTIONS.value


COUNTS = tuple(Field(metric.value) for metric in Metric)
"""The fields that are numbers; interactions are the platform's own total."""

STAMPS = (Field.PUBLISHED_AT, Field.MEASURED_AT)
"""The fields that are moments."""

WEEK_PARTS = (Field.MONTH, Field.WEEKDAY, Field.HOUR)
"""What stands in for the moment of publishing in a file without dates."""

WORDS = (Field.ACCOUNT, Field.TITLE, Field.TEXT, Field.URL)
"""The fields that are kept as they were written."""
