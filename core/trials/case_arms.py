"""A line of text as the arms of a trial: `14/28 vs 16/30`, `control: sum=.., sumsq=.., n=..; treatment: ..`."""

import re
from collections.abc import Sequence
from typing import Any

from core.errors import Invalid, Problem
from core.trials.arm_names import Arm, arm_of
from core.trials.case_numbers import COUNT, LIST, NUMBER, VALUE, list_of_numbers, number_of
from core.trials.case_words import UNREADABLE, named, numbers_of
from core.trials.trial_file import CONTROL

_AGAINST = re.compile(r"\s+(?:vs?\.?|versus|against|compared (?:to|with))\s+", re.IGNORECASE)
_WORD = r"(?:(?i:control|treatment|variant|variation|test|group|arm|baseline|usual)(?: [A-Za-z]\b)?|[A-Z])\b"
_LABELS = (
    re.compile(rf"\s*(?P<label>{_WORD})\s*[:=]?\s*(?P<rest>\S.*?)\s*", re.DOTALL),
    re.compile(
        r"\s*(?P<label>[^\W\d](?:[^:=\[\],;/]|(?<=\d):(?=\d))*?)\s*(?:(?<!\d):|:(?!\d\d\b)|=)\s*(?P<rest>\S.*?)\s*",
        re.DOTALL,
    ),
    re.compile(r"\s*(?P<rest>.*?\S)\s*\((?P<label>[^\W\d][\w ]*)\)\s*", re.DOTALL),
)
"""How an arm is called: by a word for arms, by anything before a colon (`Tuesday 18:00: ..`), behind in parentheses."""
_NEXT = re.compile(
    rf"\s*[;,/]\s*(?=(?P<word>{_WORD})\s*[:=]?\s*[\d\[a-z])|\s+(?=(?P<called>{_WORD})\s*[:=]\s*[\d\[a-z])|\s*;\s*"
)
_SHARE = re.compile(
    rf"\s*(?P<share>{COUNT}|\d[\d.]*\s*%)\s*(?P<what>(?!(?:out|of)\b)[a-z][a-z ]*?)?\s*(?:/|\b(?:out )?of\b|\bin\b)"
    rf"\s*(?P<n>{COUNT})\s*(?P<whom>[a-z][a-z ]*?)?\s*(?:[(=]\s*(?P<shown>\d[\d.]*)\s*%\s*\)?)?\s*",
    re.IGNORECASE,
)
_RATE = re.compile(rf"\s*(?P<share>\d[\d.]*\s*%)[\s,(]*n\s*[=:]?\s*(?P<n>{COUNT})\s*\)?\s*", re.IGNORECASE)
_MEAN = re.compile(rf"\s*(?P<mean>{NUMBER})\s*\((?P<rest>[^()]*\b(?:sd|se)\b[^()]*)\)\s*", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\s*(?P<stem>[^\W\d][^\d=:\[\]]*?)(?:_?(?P<digit>\d)|_(?P<word>[abct]|control|treatment|ctrl|test))\s*[=:]\s*{VALUE}\s*",
    re.IGNORECASE,
)
_N_OF_LABEL = re.compile(r"\s*\((n\s*=\s*[\d ,]+)\)\s*:\s*([^;]*?)(?=\s*;|\s+vs?\b|$)", re.IGNORECASE)
_LETTER = re.compile(r"\b[xms](?=\s*=)", re.IGNORECASE)
_SHORT = {"x": "successes", "m": "mean", "s": "sd"}
"""What single letters mean in an arm."""
_OWN = frozenset({"mean", "sum", "successes", "values"})
"""What an arm has and a design has not."""


def arms_of(told: str) -> list[Arm]:
    """Return the arms of a line as a trial's JSON has them, none where it is no line of arms (Invalid: half of one).

    They stand with vs between them, or behind labels (`control: ..; treatment: ..`), or their names have numbers
    (`mean1=.., mean2=..`), or they are shares (`14/28, 16/30`). A side without names has those of the first.
    """
    told = _N_OF_LABEL.sub(r": \2, \1", told)
    if len(sides := _AGAINST.split(told)) > 1:
        return _named(sides)
    labelled = _labelled(told)
    for sides in (_numbered(told), labelled, re.split(r"\s*[;,]\s*(?!\d{3}\b)|\s+and\s+", told)):
        arms = _whole(sides) if len(sides) > 1 else []
        if arms:
            return arms
    is_meant = len(labelled) > 1 and all(any(named(label) is None for label, _ in _labels(side)) for side in labelled)
    return _named(labelled) if is_meant else []


def control_of(arms: object) -> str:
    """Return the arm that is called control, or something like it; nothing where none is."""
    named_arms = [arm for arm in arms if isinstance(arm, dict)] if isinstance(arms, list) else []
    called = {str(arm.get("name")).lower(): str(arm.get("name")) for arm in named_arms}
    likely = (CONTROL, "ctrl", "baseline", "reference", *(["c"] if "t" in called else []))
    return next((called[name] for name in likely if name in called), "")


def completed(arms: Sequence[Arm], earlier: Sequence[tuple[Any, Sequence[Arm]]]) -> tuple[list[Arm], dict[str, Any]]:
    """Return arms with what they leave out taken from the last case that shares a number with them, and its id.

    "n=3000 vs 3461" behind a case with sums and 3461 posts in its second arm are those sums of other posts.
    """
    if all(_is_whole(arm) for arm in arms):
        return list(arms), {}
    for name, others in reversed(earlier):
        pairs = list(zip(arms, others, strict=False))
        is_like = any(arm[key] == other.get(key) for arm, other in pairs for key in arm.keys() - {"name"})
        if len(others) == len(arms) and is_like:
            return [other | arm for arm, other in pairs], {"taken_from": name}
    return list(arms), {}


def _is_whole(arm: Arm) -> bool:
    return "values" in arm or ("n" in arm and bool(_OWN & arm.keys()))


def _whole(sides: Sequence[str]) -> list[Arm]:
    """Return the arms if every side is one, with its number of posts and what they have; none otherwise."""
    try:
        arms = _named(sides)
    except Invalid:
        return []
    return arms if all(map(_is_whole, arms)) else []


def _numbered(told: str) -> list[str]:
    """Return the sides of a line in which all names end in the number or letter of an arm."""
    shapes = [_NUMBERED.fullmatch(piece) for piece in re.split(r"[,;](?![^\[]*\])", told)]
    sides: dict[str, list[str]] = {}
    stems: set[str] = set()
    for shape in shapes:
        if shape is None:
            return []
        arm, stem = shape["digit"] or shape["word"], shape["stem"].strip().lower()
        stems.add(named(stem) or _SHORT.get(stem, stem))
        sides.setdefault(arm, []).append(f"{shape['stem'].strip()}={shape['value']}{shape['unit'] or ''}")
    if not stems & (_OWN | {"count"}):  # p1, p2, n1 and n2 plan a trial
        return []
    return [f"{arm if arm.isalpha() else f'arm {arm}'}: {', '.join(said)}" for arm, said in sides.items()]


def _labelled(told: str) -> list[str]:
    """Return the sides of a line that is parted where the label of an arm stands, or by semicolons."""
    starts = [0]
    sides = []
    for shape in _NEXT.finditer(told):
        word = shape["word"] or shape["called"] or ""
        if word.lower() != "baseline" and named(word):
            continue
        sides.append(told[starts[-1] : shape.start()])
        starts.append(shape.end())
    return [*sides, told[starts[-1] :]]


def _named(sides: Sequence[str]) -> list[Arm]:
    names: list[str] = []
    arms = []
    for index, side in enumerate(sides):
        label, said = _side_of(side, names)
        names = names or list(said)
        arms.append({"name": label or f"arm {index + 1}"} | arm_of(said))
    return arms


def _side_of(side: str, names: Sequence[str]) -> tuple[str, Arm]:
    """Return the label of a side, and what it says (Invalid: what is wrong behind the label, where it has one)."""
    try:
        return "", _content(side, names)
    except Invalid as error:
        wrong = error
    for label, rest in _labels(side):
        try:
            said = _content(rest, names)
        except Invalid as error:
            wrong = error
            continue
        if named(label) is None or _OWN & arm_of(said).keys():  # `baseline: 14/28`
            return label, said
    raise wrong


def _labels(side: str) -> list[tuple[str, str]]:
    """Return what may be the label of a side, each with the rest."""
    shapes = [pattern.fullmatch(side) for pattern in _LABELS]
    return [(shape["label"].strip(), shape["rest"]) for shape in shapes if shape]


def _content(side: str, names: Sequence[str]) -> Arm:
    """Return what a side says, by the names of `_SAID`, or by those of the first side."""
    if shape := _SHARE.fullmatch(side):
        return _share(shape, side)
    if shape := _MEAN.fullmatch(side):
        return numbers_of(f"mean {shape['mean']}, {shape['rest']}")
    if re.fullmatch(LIST, side.strip()):
        return {"values": list_of_numbers(side.strip())}
    if shape := _RATE.fullmatch(side):
        return {"share": number_of(shape["share"]), "n": number_of(shape["n"])}
    if names and re.fullmatch(rf"\s*{NUMBER}\s*%?(?:\s*,\s*{NUMBER}\s*%?)*\s*", side, re.IGNORECASE):
        given = [number_of(each) for each in side.split(",")]
        if len(given) != len(names):
            raise Invalid((Problem("input", side, f"give {', '.join(names)}, or name what there is"),))
        return dict(zip(names, given, strict=True))
    if fix := next((fix for shape, fix in _UNCLEAR if re.fullmatch(shape, side, re.IGNORECASE)), ""):
        raise Invalid((Problem("input", side.strip(), fix),))
    return _by_names(side)


def _by_names(side: str) -> Arm:
    said = numbers_of(_LETTER.sub(lambda one: _SHORT[one[0].lower()], side))
    if not said:
        raise Invalid((Problem("input", side, UNREADABLE),))
    if isinstance(said.get("count"), list):  # x1=[1, 2]
        said["values"] = said.pop("count")
    if many := [name for name, value in said.items() if isinstance(value, list) and name not in _LISTS]:
        raise Invalid((Problem(f"input, {many[0]}", str(said[many[0]]), "give one number"),))
    return said


_UNCLEAR = (
    (rf"\s*{NUMBER}\s*/\s*{NUMBER}\s*", "give whole numbers of posts from 0 on"),
    (rf"(?:\s*{NUMBER}\s*[,\s])+\s*{NUMBER}\s*", "put values in brackets: [1, 2, 3], or name the numbers"),
    (".*\N{PLUS-MINUS SIGN}.*", "write sd=.. or se=.. for what stands behind \N{PLUS-MINUS SIGN}"),
)


def _share(shape: re.Match[str], side: str) -> Arm:
    what, whom = shape["what"] or "successes", shape["whom"] or "n"
    if named(what) != "count" or named(whom) not in {"n", "users", "nobs"}:
        raise Invalid((Problem("input", side, "write a count of posts, such as 14 of 28"),))
    share, n = number_of(shape["share"]), number_of(shape["n"])
    if (shown := shape["shown"]) and not _is_shown(share, n, shown):
        raise Invalid((Problem("input", side.strip(), f"{shown} % is another share: give one of them"),))
    return {"share": share, "n": n} if "%" in shape["share"] else {"successes": share, "n": n}


_LISTS = frozenset({"values", "before"})


def _is_shown(count: float, n: float, shown: str) -> bool:
    """Tell whether a share in percent, to the digits it is written with, is that of a count."""
    unit = 10.0 ** -len(shown.partition(".")[2])
    return n > 0 and abs(100 * count / n - float(shown)) <= unit
