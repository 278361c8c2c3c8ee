"""Platforms on the wire: what each accepts, when research says to post there and how often."""

from pydantic import ConfigDict, Field

from core.api.wire import Shape
from core.content.baseline import WEEKDAYS, BaselineWindow
from core.content.platforms import FormatLimits, Frequency, Platform, Range
from core.services.reference import Reference
from core.vocabulary import ContentFormat


class RangeShape(Shape):
    """A lowest and a highest allowed value, both included."""

    model_config = ConfigDict(from_attributes=True)

    least: float
    most: float


class FrequencyShape(Shape):
    """The published guideline of posts a week."""

    model_config = ConfigDict(from_attributes=True)

    least: int
    most: int


class FormatShape(Shape):
    """What a platform accepts of one content format; null: no limit, or none known.

    Titles in characters (null: it shows no title), text in the platform's unit, sizes in bytes per file, aspect as
    width / height.
    """

    content_format: ContentFormat
    title_min: int
    title_max: int | None
    text_min: int
    text_max: int | None
    hashtags_max: int | None
    media_min: int
    media_max: int | None
    media_types: list[str]
    bytes_max: int | None
    seconds: RangeShape | None
    aspect: RangeShape | None
    per_week: FrequencyShape | None


class BaselineShape(Shape):
    """Hours of a local week that research recommends; `strength` is a natural log: 0.1 is about 10 % over average."""

    content_format: ContentFormat | None = Field(description="Null: every format.")
    weekdays: list[str]
    start_hour: int
    end_hour: int
    strength: float
    source: str
    note: str


class PlatformShape(Shape):
    """One platform; `aliases` are further names it is known by, `forbidden` characters it takes nowhere."""

    id: str
    name: str
    aliases: list[str]
    text_unit: str
    forbidden: str
    source: str
    per_week: FrequencyShape | None
    formats: list[FormatShape]
    baseline: list[BaselineShape]


def platform_shapes(reference: Reference) -> list[PlatformShape]:
    """Return every platform as it is sent, in the order of the data."""
    return [_platform(one, reference) for one in reference.platforms.values()]


def _platform(platform: Platform, reference: Reference) -> PlatformShape:
    windows = (window for window in reference.baseline if window.platform == platform.id)
    return PlatformShape(
        id=platform.id,
        name=platform.name,
        aliases=list(platform.aliases),
        text_unit=platform.text_unit,
        forbidden=platform.forbidden,
        source=platform.source,
        per_week=_frequency(platform.per_week),
        formats=[_format(name, limits) for name, limits in platform.formats.items()],
        baseline=[_window(window) for window in windows],
    )


def _format(name: ContentFormat, limits: FormatLimits) -> FormatShape:
    told = {
        **vars(limits),
        "media_types": list(limits.media_types),
        "seconds": _range(limits.seconds),
        "aspect": _range(limits.aspect),
        "per_week": _frequency(limits.per_week),
    }
    return FormatShape(content_format=name, **told)


def _window(window: BaselineWindow) -> BaselineShape:
    told = {name: value for name, value in vars(window).items() if name != "platform"}
    return BaselineShape(**{**told, "weekdays": [WEEKDAYS[day] for day in window.weekdays]})


def _range(bounds: Range | None) -> RangeShape | None:
    return None if bounds is None else RangeShape.model_validate(bounds)


def _frequency(per_week: Frequency | None) -> FrequencyShape | None:
    return None if per_week is None else FrequencyShape.model_validate(per_week)
