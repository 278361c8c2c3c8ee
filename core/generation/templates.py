"""The writer that needs no model: it fills a template, the same way each time, and says so."""

from core.generation.contract import Brief, Written

NAME = "template"
NOTE = "Put together from a template, without a language model: a frame to write in, not a finished text."


class TemplateWriter:
    """Writes an opening, what is known, and a closing line, chosen by the tone."""

    def write(self, brief: Brief) -> Written:
        """Return the filled template."""
        opening = f"{brief.title.strip()}{_for(brief.audience)}"
        parts = [opening, brief.text.strip(), _CLOSINGS.get(brief.tone.strip().lower(), _PLAIN), _tags(brief.tags)]
        return Written("\n\n".join(part for part in parts if part), NAME, NOTE)


_PLAIN = "Tell us what you think."
_CLOSINGS = {
    "friendly": "We would love to hear from you.",
    "professional": "We look forward to your thoughts.",
    "playful": "Your turn: what would you do?",
    "urgent": "Do not wait too long.",
}


def _for(audience: str) -> str:
    return f" (for {audience.strip()})" if audience.strip() else ""


def _tags(tags: tuple[str, ...]) -> str:
    return " ".join(f"#{tag.strip().replace(' ', '')}" for tag in tags if tag.strip())
