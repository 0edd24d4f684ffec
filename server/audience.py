"""Who reads what: readers by job, feeds by scope, and the latest frame of each job they read."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from db.changes import Change
from db.states import Scope, Sighting, route, routes_of, scopes_of
from server.feed import Feed
from server.problems import Problem
from server.subscription import Frame, Reader, Subscription


class Watched:
    """A job that somebody reads."""

    __slots__ = ("frame", "readers")

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.readers: set[Reader] = set()

    @property
    def seq(self) -> int:
        """The seq of the latest frame."""
        return self.frame.seq if self.frame else 0


class Audience:
    """All readers of a hub, so many an owner at most.

    A feed joins the readers of each unfinished job that it is shown.
    """

    def __init__(self, most_per_owner: int) -> None:
        self._most_per_owner = most_per_owner
        self._owners: Counter[str] = Counter()
        self.watched: dict[UUID, Watched] = {}
        self._readers: set[Reader] = set()
        self._feeds: dict[Scope, set[Feed]] = {}
        self._routes: Counter[Scope] = Counter()

    def __len__(self) -> int:
        return len(self._readers)

    def __iter__(self) -> Iterator[Reader]:
        return iter(list(self._readers))

    def __contains__(self, reader: Reader) -> bool:
        return reader in self._readers

    @property
    def scopes(self) -> Collection[Scope]:
        """What the feeds follow."""
        return self._feeds.keys()

    def join(self, reader: Subscription | Feed) -> Iterable[UUID]:
        """Let a reader in; return the jobs that it names. Raises Problem 429."""
        self._count_in(reader)
        self._readers.add(reader)
        if isinstance(reader, Feed):
            self._follow(reader)
        for job_id in reader.named:
            self.watch(job_id).readers.add(reader)

        return reader.named

    def leave(self, reader: Subscription | Feed) -> None:
        """Forget a reader, and each job with its last one."""
        if reader not in self._readers:
            return

        self._readers.discard(reader)
        self._count_out(reader)
        if isinstance(reader, Feed):
            self._unfollow(reader)
        for job_id in reader.known:
            self._unread(job_id, reader)

    def watch(self, job_id: UUID) -> Watched:
        """The entry of a job, made when it is new."""
        return self.watched.setdefault(job_id, Watched())

    def wants(self, change: Change) -> bool:
        """Whether somebody reads the job, and has not heard of the change."""
        if watched := self.watched.get(change.job_id):
            return change.seq > watched.seq

        return bool(self._routes) and any(r in self._routes for r in routes_of(change))

    def lacks(self, seen: Sighting) -> bool:
        """Whether a feed has not been shown this state of a job."""
        return any(
            feed.lacks(seen.job_id, seen.seq)
            for feed in self._following(seen.user_id, seen.session_id)
        )

    def show(self, frame: Frame) -> None:
        """Give a frame to all who read its job or follow it."""
        job = frame.job
        watched = self.watch(job.id)
        watched.frame = frame
        for reader in watched.readers:
            reader.offer(frame)
        for feed in self._following(job.user_id, job.session_id):
            feed.offer(frame)
            watched.readers.add(feed)
        if frame.is_final:
            watched.readers = {r for r in watched.readers if _stays(r, job.id)}

    def frames(self, job_ids: Iterable[UUID]) -> list[Frame]:
        """The latest frames of jobs, as far as there are any."""
        known = (self.watched.get(job_id) for job_id in job_ids)
        return [watched.frame for watched in known if watched and watched.frame]

    def give_up(self, job_id: UUID) -> None:
        """End the streams of a job that cannot be read."""
        watched = self.watched.get(job_id)
        for reader in watched.readers if watched else ():
            if not isinstance(reader, Feed):
                reader.end()

    def forget_unread(self, job_ids: Iterable[UUID]) -> None:
        """Drop those of the jobs that nobody reads."""
        for job_id in job_ids:
            self._unread(job_id, None)

    def _count_in(self, reader: Reader) -> None:
        if reader.owner is None:
            return
        if self._owners[reader.owner] >= self._most_per_owner:
            raise crowded(self._most_per_owner)

        self._owners[reader.owner] += 1

    def _count_out(self, reader: Reader) -> None:
        if reader.owner is None:
            return

        self._owners[reader.owner] -= 1
        if not self._owners[reader.owner]:
            del self._owners[reader.owner]

    def _follow(self, feed: Feed) -> None:
        if feed.scope is not None:
            self._feeds.setdefault(feed.scope, set()).add(feed)
            self._routes[route(feed.scope)] += 1

    def _unfollow(self, feed: Feed) -> None:
        if feed.scope is None:
            return

        self._feeds[feed.scope].discard(feed)
        if not self._feeds[feed.scope]:
            del self._feeds[feed.scope]
        self._routes -= Counter([route(feed.scope)])

    def _following(self, user_id: str, session_id: str | None) -> Iterator[Feed]:
        if self._feeds:
            for scope in scopes_of(user_id, session_id):
                yield from self._feeds.get(scope, ())

    def _unread(self, job_id: UUID, reader: Reader | None) -> None:
        watched = self.watched.get(job_id)
        if watched is None:
            return

        if reader:
            watched.readers.discard(reader)
        if not watched.readers:
            del self.watched[job_id]


def _stays(reader: Reader, job_id: UUID) -> bool:
    """A final job may be reopened: who named it reads on, who follows a scope hears by notice."""
    return not isinstance(reader, Feed) or job_id in reader.named


def crowded(most: int) -> Problem:
    """What a user is told who has too many streams already."""
    return Problem(
        429,
        "too_many_streams",
        f"There are {most} streams of yours open; follow many jobs on one: GET /api/events.",
        headers={"Retry-After": "5"},
    )
