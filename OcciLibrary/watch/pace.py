"""How often a watch asks: quickest right after something happened, gentler the longer nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def _floors() -> dict[str, float]:
    return {"echo": 0.03, "ping": 0.05}


@dataclass(frozen=True, slots=True)
class Pace:
    """Tells how long to pause between two samples of a lane; pure, all times are seconds.

    The pause is ``share`` of the time since the last mark or change, so that a dip is seen if it lasts a
    few per cent of the time that went by before it, and a long wait costs few requests.
    """

    share: float = 0.035
    quickest: float = 0.002
    slowest: float = 2.0
    gentle: float = 0.5
    """The pause while no action has been sent and nothing has changed."""
    floors: Mapping[str, float] = field(default_factory=_floors)
    """The shortest pause of lanes that are not to be asked faster."""
    longest_patience: float = 60.0
    """The longest wait that a site can ask for with Retry-After."""
    changes_that_quicken: int = 100
    """After so many changes in a lane, further ones no longer quicken: a flapping site is not hammered."""

    def pause(self, lane: str, since_stir: float | None, retry_after: float | None = None) -> float:
        """Gives the pause before the next sample of a lane.

        ``since_stir`` is the time since the last mark or change in any lane, None when there was neither.
        ``retry_after`` is what the site asked for with the last sample, None when it did not.
        """
        wanted = self.gentle if since_stir is None else self.share * max(0.0, since_stir)
        pause = max(self.quickest, self.floors.get(lane, 0.0), min(wanted, self.slowest))
        return max(pause, self.patience(retry_after))

    def patience(self, retry_after: float | None) -> float:
        """Gives the pause that a site asked for, bounded; 0.0 when it did not."""
        if retry_after is None or not retry_after > 0.0:
            return 0.0
        return min(retry_after, self.longest_patience)

    def quickens(self, changes: int) -> bool:
        """Says whether a lane's change, its ``changes``-th, makes all lanes quick."""
        return changes <= self.changes_that_quicken
