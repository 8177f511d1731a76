"""How often a watch asks: quickest right after something happened, gentler the longer nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def _floors() -> dict[str, float]:
    return {"echo": 0.03, "ping": 0.05}


@dataclass(frozen=True, slots=True)
class Pace:
    """Tells how long to pause between two samples of a lane; pure, all times are seconds.

    Right after a mark or a change a lane is asked ``burst`` times as fast as the site answers: a restart's dip may
    last milliseconds. Then the pause is ``share`` of the time since, so that a dip is seen if it lasts a few per
    cent of the time that went by before it, and a long wait costs few requests. A site that answers much slower
    than it did before is given as long again as it took.
    """

    share: float = 0.04
    burst: int = 80
    burst_after_change: int = 300
    """The burst when a lane has changed: more is on its way then than right after a request."""
    quickest: float = 0.0005
    slowest: float = 3.0
    gentle: float = 0.5
    """The pause while no action has been sent and nothing has changed."""
    floors: Mapping[str, float] = field(default_factory=_floors)
    """The shortest pause of lanes that are not to be asked faster."""
    strained: float = 4.0
    """How many times its best latency a site takes when it is taken to be strained."""
    longest_patience: float = 60.0
    """The longest wait that a site can ask for with Retry-After."""
    changes_that_quicken: int = 30
    """After so many changes in a lane, further ones no longer quicken: a flapping site is not hammered."""

    def pause(
        self,
        lane: str,
        since_stir: float | None,
        retry_after: float | None = None,
        asked: int = 0,
        latency: float = 0.0,
        best_latency: float = 0.0,
        changed: bool = False,
    ) -> float:
        """Gives the pause before the next sample of a lane.

        ``since_stir`` is the time since the last mark or change in any lane, None when there was neither;
        ``asked`` how often this lane was asked since then. ``retry_after`` is what the site asked for with the last
        sample, None when it did not; ``latency`` what that sample took, ``best_latency`` the least of this lane.
        ``changed`` tells that it was a change, not a mark.
        """
        if since_stir is None:
            wanted = self.gentle
        else:
            burst = self.burst_after_change if changed else self.burst
            wanted = 0.0 if asked < burst else self.share * max(0.0, since_stir)
        pause = max(self.quickest, self.floors.get(lane, 0.0), min(wanted, self.slowest))
        return max(pause, self.relief(latency, best_latency), self.patience(retry_after))

    def relief(self, latency: float, best_latency: float) -> float:
        """Gives the pause for a site that answers much slower than it can, bounded; 0.0 for any other."""
        return min(latency, self.slowest) if latency > max(0.1, self.strained * best_latency) else 0.0

    def patience(self, retry_after: float | None) -> float:
        """Gives the pause that a site asked for, bounded; 0.0 when it did not."""
        if retry_after is None or not retry_after > 0.0:
            return 0.0
        return min(retry_after, self.longest_patience)

    def quickens(self, changes: int) -> bool:
        """Says whether a lane's change, its ``changes``-th, makes all lanes quick."""
        return changes <= self.changes_that_quicken
