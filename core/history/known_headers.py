"""The headers, dialects and words Slotwise knows from real exports: all data, no rules."""

import unicodedata
from dataclasses import dataclass

from core.history.fields import Field
from core.history.reading import FirstDay
from core.vocabulary import ContentFormat


def key(text: str) -> str:
    """Return what is left of a header or word without case, accents, spaces and punctuation."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if letter.isalnum())


KNOWN: dict[Field, tuple[str, ...]] = {
    Field.PUBLISHED_AT: (
        "published at", "publish time", "video publish time", "published", "publish date", "publication date",
        "date published", "posted at", "post date", "date posted", "posted on", "created at", "created time",
        "created utc", "created date", "date created", "created", "post time", "posted", "datetime", "timestamp",
        "fecha de publicación", "hora de publicación", "fecha y hora", "publicado", "fecha",
        "data de publicação", "data e hora", "data di pubblicazione", "data e ora", "data",
        "date de publication", "publié le", "veröffentlicht am", "veröffentlichungsdatum", "datum",
        "date", "time",
    ),
    Field.TIME_OF_DAY: (
        "time of day", "publish hour", "time", "post time", "hora de publicación", "hora", "heure", "uhrzeit", "ora",
    ),
    Field.MONTH: ("post month", "publish month", "publicar mes", "month", "mes", "mês", "mois", "monat", "mese"),
    Field.WEEKDAY: (
        "post weekday", "weekday", "day of week", "day of the week", "día de la semana", "dia da semana",
        "jour de la semaine", "wochentag", "giorno della settimana",
    ),
    Field.HOUR: ("post hour", "hour", "hour of day", "hora", "heure", "stunde", "uhrzeit", "ora"),
    Field.MEASURED_AT: (
        "measured at", "scrape time", "scraped at", "retrieved at", "collected at", "exported at", "snapshot at",
        "data as of", "fecha de medición",
    ),
    Field.ZONE: ("time zone", "tz", "zona horaria", "fuso horário", "fuseau horaire", "zeitzone", "fuso orario"),
    Field.ACCOUNT: (
        "account", "account name", "account username", "username", "user name", "screen name", "channel title",
        "channel name", "channel", "page name", "page", "profile", "account id", "page id", "channel id",
        "cuenta", "conta", "compte", "konto", "kanal", "canal", "página",
    ),
    Field.POST_ID: (
        "post id", "video id", "tweet id", "media id", "pin id", "content id", "story id", "status id", "id",
        "identificador de la publicación", "id de la publicación", "beitrags id",
    ),
    Field.URL: (
        "permalink", "post url", "post link", "video url", "tweet permalink", "pin url", "url", "link",
        "enlace permanente", "enlace", "enlace de la publicación", "lien",
    ),
    Field.TITLE: ("title", "video title", "post title", "headline", "título", "titre", "titel", "titolo"),
    Field.TEXT: (
        "message", "post message", "text", "post text", "tweet text", "full text", "post content", "description",
        "caption", "mensaje", "texto", "descripción", "texte", "nachricht", "testo",
    ),
    Field.CONTENT_FORMAT: (
        "content format", "post type", "media type", "content type", "media product type", "format", "type",
        "tipo de publicación", "tipo", "beitragstyp", "typ", "is reel", "is short", "duration", "video duration",
        "duración",
    ),
    Field.VIEWS: (
        "views", "view count", "video views", "total views", "plays", "play count", "vistas", "visualizaciones",
        "reproducciones", "visualizações", "vues", "aufrufe", "visualizzazioni",
    ),
    Field.IMPRESSIONS: (
        "impressions", "impression count", "lifetime post total impressions", "total impressions", "impresiones",
        "impressões", "impressionen", "impressioni",
    ),
    Field.REACH: (
        "reach", "lifetime post total reach", "post reach", "accounts reached", "total reach", "alcance", "portée",
        "reichweite", "copertura",
    ),
    Field.LIKES: (
        "likes", "like", "like count", "num likes", "favorite count", "favourite count", "points", "num points",
        "score", "reactions", "me gusta", "curtidas", "mentions j'aime", "j'aime", "gefällt mir", "mi piace",
    ),
    Field.COMMENTS: (
        "comments", "comment", "comment count", "num comments", "replies", "reply count", "comentarios",
        "comentários", "commentaires", "kommentare", "commenti",
    ),
    Field.SHARES: (
        "shares", "share", "share count", "reposts", "repins", "compartir", "compartidos", "veces compartido",
        "compartilhamentos", "partages", "geteilte inhalte", "geteilt", "condivisioni",
    ),
    Field.SAVES: (
        "saves", "save", "saved", "save count", "bookmarks", "bookmark count", "guardados", "salvamentos",
        "enregistrements", "gespeichert", "salvataggi",
    ),
    Field.CLICKS: (
        "clicks", "link clicks", "url clicks", "total clicks", "pin clicks", "lifetime post consumptions",
        "consumptions", "consumos de publicación de por vida", "clics", "cliques", "klicks", "clic",
    ),
    Field.INTERACTIONS: (
        "interactions", "total interactions", "engagements", "total engagements", "total engagement", "engagement",
        "interacciones", "interacciones totales", "interações", "interaktionen", "interazioni", "total",
    ),
}  # fmt: skip
"""Headers of each field, best first: where a file has several, the first one here is proposed."""

SHARED_LINKS = frozenset({"link", "enlace", "lien"})
"""Headers of a link the post shares: unlike a post's own address it does not tell two posts apart."""

PARTS: dict[Field, tuple[str, ...]] = {
    Field.LIKES: (
        "react like", "react love", "react care", "react haha", "react wow", "react sad", "react angry",
        "reactions like", "reactions love", "reactions care", "reactions haha", "reactions wow", "reactions sad",
        "reactions angry",
    ),
    Field.SHARES: ("retweets", "retweet count", "quotes", "quote count"),
}  # fmt: skip
"""Headers whose columns add up to a metric, where the file has no column for the metric itself."""


@dataclass(frozen=True)
class Dialect:
    """A known export that writes weekdays as numbers."""

    name: str
    signature: frozenset[str]
    first_weekday: FirstDay


DIALECTS = (
    Dialect("Facebook page metrics", frozenset({"publicarmes", "postweekday", "posthour"}), FirstDay.SUNDAY),
    Dialect("Facebook page metrics", frozenset({"pagelikes", "weekday", "hour", "engaged"}), FirstDay.SUNDAY),
)

UTC_ENDINGS = ("utc", "gmt")
"""A stamp column whose header ends so holds UTC, whatever zone its audience lives in."""

FORMAT_FLAGS = ("is reel", "is short")
"""Columns that say yes or no; yes is a short video, no says nothing about what else it is."""

FORMAT_DURATIONS = ("duration", "video duration", "duración")
"""Columns that hold a video's length, in seconds, as h:mm:ss or in ISO 8601 (PT1M3S)."""

FORMAT_WORDS: dict[str, ContentFormat] = {
    key(word): content_format
    for content_format, words in {
        ContentFormat.IMAGE: ("photo", "image", "picture", "foto", "imagen", "bild", "immagine", "photos", "pin"),
        ContentFormat.CAROUSEL: ("carousel album", "album", "carrusel", "karussell", "carrossel", "multi photo"),
        ContentFormat.VIDEO_LONG: ("video", "vídeo", "long video", "videos"),
        ContentFormat.VIDEO_SHORT: ("reel", "reels", "ig reel", "short", "shorts", "clip", "short video"),
        ContentFormat.STORY: ("stories", "ig story", "historia", "storie"),
        ContentFormat.TEXT: ("status", "status update", "tweet", "estado", "texto", "texte", "note"),
        ContentFormat.ARTICLE: ("link", "enlace", "lien", "newsletter", "blog post", "shared link"),
        ContentFormat.THREAD: ("hilo", "tweet thread"),
    }.items()
    for word in (content_format.value, *words)
}

YES = frozenset({"true", "yes", "1", "si", "oui", "ja"})
NO = frozenset({"false", "no", "0", "non", "nein"})

WEEKDAYS: dict[str, int] = {
    key(word): day
    for day, words in enumerate(
        (
            ("monday", "mon", "lunes", "lun", "segunda-feira", "lundi", "montag", "mo", "lunedì"),
            ("tuesday", "tue", "tues", "martes", "terça-feira", "mardi", "dienstag", "di", "martedì"),
            ("wednesday", "wed", "miércoles", "mié", "quarta-feira", "mercredi", "mittwoch", "mi", "mercoledì"),
            ("thursday", "thu", "thur", "thurs", "jueves", "jue", "quinta-feira", "jeudi", "donnerstag", "giovedì"),
            ("friday", "fri", "viernes", "vie", "sexta-feira", "vendredi", "freitag", "fr", "venerdì"),
            ("saturday", "sat", "sábado", "sáb", "samedi", "samstag", "sa", "sabato"),
            ("sunday", "sun", "domingo", "dom", "dimanche", "sonntag", "so", "domenica"),
        )
    )
    for word in words
}
"""Weekday names; Monday is 0. "mar" is left out: it is Tuesday in Spanish and March in English."""

MONTHS: dict[str, int] = {
    word: month
    for month, words in enumerate(
        (
            ("jan", "ene"), ("feb", "fev", "fév"), ("mar", "mär"), ("apr", "abr", "avr"), ("may", "mai", "mag"),
            ("jun", "giu"), ("jul", "lug"), ("aug", "ago", "aoû"), ("sep", "set"), ("oct", "okt", "out", "ott"),
            ("nov",), ("dec", "dic", "dez", "déc"),
        ),
        start=1,
    )
    for word in words
}  # fmt: skip
"""The first three letters of month names; the French juin and juillet share theirs and are left out."""

BLANKS = frozenset({"", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "n/a", "na", "null", "none", "nan", "#n/a"})
"""What exports write where a number is not known; it is read as unknown, never as 0."""
