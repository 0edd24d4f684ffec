"""Actions of slides: a click may go to a slide or follow a link, and start nothing."""

from typing import Any

from workers.opening import drawings, links
from workers.opening.elements import attributes, elements, name
from workers.opening.refused import Refused

HARMLESS = (
    "ppaction://hlinksldjump",
    "ppaction://hlinkshowjump",
    "ppaction://customshow",
    "ppaction://noaction",
    "ppaction://media",
)


CLICKS = ("hlinkClick", "hlinkHover", "hlinkMouseOver")
TAGS = (*CLICKS, "cmd", "control", *drawings.TAGS)


def check(content: bytes) -> set[str]:
    """Return the ids of the parts that it shows. Raises Refused for what runs or opens."""
    shown: set[str] = set()
    for element in elements(content, *TAGS):
        match name(element):
            case "hlinkClick" | "hlinkHover" | "hlinkMouseOver":
                _check_click(element)
            case "cmd" if element.get("type") != "call":
                raise _acts(f"An animation does {element.get('cmd', '')[:100]!r}.")
            case "control":
                raise _acts("A slide holds an ActiveX control.")
            case tag if tag in drawings.TAGS:
                shown |= drawings.check(tag, attributes(element))

    return shown


def _check_click(element: Any) -> None:
    action, address = element.get("action", ""), element.get("invalidUrl", "")
    links.check(address)
    if action and action.partition("?")[0] not in HARMLESS:
        raise _acts(f"A click on a slide does {action[:100]!r}.")


def _acts(found: str) -> Refused:
    return Refused("active_content", found, "Link to a slide or to https:// instead.")
