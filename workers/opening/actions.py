"""Actions of slides: a click may go to a slide or follow a link, and start nothing."""

from workers.opening.elements import elements
from workers.opening.refused import Refused

HARMLESS = (
    "ppaction://hlinksldjump",
    "ppaction://hlinkshowjump",
    "ppaction://customshow",
    "ppaction://noaction",
    "ppaction://media",
)


def check(content: bytes) -> None:
    """Raise Refused for the first action that runs or opens something."""
    for element in elements(content, "hlinkClick", "hlinkHover", "hlinkMouseOver"):
        action = element.get("action", "")
        if action and action.partition("?")[0] not in HARMLESS:
            raise Refused(
                "active_content",
                f"A click on a slide does {action[:100]!r}.",
                "Link to a slide or to https:// instead.",
            )
