"""What the invented coffee brand of the sample posts about."""

import random

from core.vocabulary import ContentFormat

_COFFEES = (
    "the Harbour Blend", "our Saltmarsh Espresso", "the Lowtide Decaf", "a washed Ethiopian",
    "a honey-process Costa Rican", "the Lighthouse Filter Roast", "a natural from Brazil", "the new Kenyan",
    "a small lot from Rwanda", "the Driftwood Dark Roast",
)  # fmt: skip
_TOPICS = (
    "how we cup {coffee}", "brewing {coffee} at home", "why {coffee} tastes of stone fruit",
    "{coffee} is back in stock",
    "behind the roast of {coffee}", "{coffee}, one litre of water, four minutes", "three mistakes with {coffee}",
    "what the roast curve of {coffee} tells us", "dialling in {coffee}", "a first sip of {coffee}",
    "cold brew with {coffee}", "the farm behind {coffee}", "our café team picks {coffee}", "grind size for {coffee}",
)  # fmt: skip
_SEASONS = {
    12: "Winter warmers", 1: "Fresh start", 2: "Slow mornings", 3: "First spring light", 4: "Spring menu",
    5: "Out on the terrace", 6: "Iced season", 7: "Summer on the quay", 8: "Summer on the quay", 9: "Back to routine",
    10: "Autumn spice", 11: "Gifts for coffee people",
}  # fmt: skip
_OPENINGS = {
    ContentFormat.IMAGE: "{topic}",
    ContentFormat.CAROUSEL: "Swipe: {topic}",
    ContentFormat.VIDEO_SHORT: "In 30 seconds: {topic}",
    ContentFormat.VIDEO_LONG: "Roastery diary: {topic}",
    ContentFormat.TEXT: "A note from the roastery: {topic}",
    ContentFormat.ARTICLE: "Long read: {topic}",
}
_SEASONAL = 0.25


def title_of(content_format: ContentFormat, month: int, rng: random.Random) -> str:
    """Draw the title of a post of one format in one month (1 to 12)."""
    topic = rng.choice(_TOPICS).format(coffee=rng.choice(_COFFEES))
    said = _OPENINGS[content_format].format(topic=topic)
    title = f"{_SEASONS[month]}: {said[0].lower()}{said[1:]}" if rng.random() < _SEASONAL else said
    return title[0].upper() + title[1:]
