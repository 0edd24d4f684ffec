"""Subscribe, read and change in any order: random schedules of the hub, each by its seed.

Nothing here waits: the test is the scheduler. A read of the database is cut into the moment it
is asked, the moment its snapshot is taken, and the moment its answer arrives; between any two of
them anything else may happen. Notices come late, twice, in any order, or never.
"""

import random
import types
from collections.abc import Collection, Generator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from db.changes import CHANGES
from db.jobs import Status
from db.states import Scope, Sighting, route
from server.feed import Feed
from server.hub import Hub
from server.subscription import Frame, Subscription

STEPS = 60
SHORT, LONG = 1_000, 100_000
USERS, SESSIONS = ("ada", "grace"), (None, "s", "t")
SCOPES = (Scope(), Scope("ada"), Scope(None, "s"), Scope("grace", "s"), None)


class Row(NamedTuple):
    """As much of a job as the hub looks at."""

    id: UUID
    seq: int
    status: Status
    user_id: str
    session_id: str | None


@types.coroutine
def a_moment() -> Generator[None, None, None]:
    yield


class Database:
    """Jobs, and reads whose snapshot is taken somewhere in the middle."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Row] = {}

    async def get_newer(self, known: Mapping[UUID, int]) -> list[Row]:
        await a_moment()
        found = [r for r in self.rows.values() if r.seq > known.get(r.id, r.seq)]
        await a_moment()
        return found

    async def find(
        self, scopes: Collection[Scope], *, ended_within: timedelta | None = None
    ) -> list[Sighting]:
        await a_moment()
        found = [
            Sighting(row.id, row.seq, row.user_id, row.session_id)
            for row in self.rows.values()
            if any(includes(scope, row) for scope in scopes)
            if not row.status.is_final or ended_within is not None
        ]
        await a_moment()
        return found


def includes(scope: Scope, row: Row) -> bool:
    return scope.user_id in (None, row.user_id) and scope.session_id in (None, row.session_id)


class Seen:
    """A reader and what it was told, checked as it comes."""

    def __init__(self, reader: Subscription | Feed) -> None:
        self.reader = reader
        self.seqs: dict[UUID, int] = {}
        self.ends: set[tuple[UUID, int]] = set()

    def take(self) -> None:
        taken = self.reader.take()
        frames: Collection[Frame] = taken if isinstance(taken, list) else [taken] if taken else []
        for frame in frames:
            row: Any = frame.job
            assert frame.seq > self.seqs.get(row.id, 0), "an older state after a newer one"
            self.seqs[row.id] = frame.seq
            if frame.is_final:
                self.ends.add((row.id, frame.seq))


class Schedule:
    """One run: what may happen next is drawn, until all is told."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.database = Database()
        self.hub = Hub(
            self.database,  # type: ignore[arg-type]
            self.database,  # type: ignore[arg-type]
            poll_interval=timedelta(seconds=1),
            is_listening=lambda: True,
        )
        self.notices: list[str] = []
        self.seen: list[Seen] = []
        self.tick: Any = None

    def run(self) -> None:
        steps = (self.insert, self.change, self.change, self.tell, self.forget, self.subscribe)
        more = (self.follow, self.read, self.read, self.leave, self.step, self.step, self.step)
        self.insert()
        for _ in range(STEPS):
            self.random.choice(steps + more)()
        self.come_to_rest()
        for seen in self.seen:
            self.judge(seen)

    def insert(self) -> None:
        job_id = UUID(int=self.random.getrandbits(128))
        user, session = self.random.choice(USERS), self.random.choice(SESSIONS)
        self.write(Row(job_id, 1, Status.PENDING, user, session))

    def change(self) -> None:
        row = self.random.choice(list(self.database.rows.values()))
        onward = (Status.PENDING,) if row.status.is_final else (Status.PROCESSING, Status.CANCELLED)
        self.write(row._replace(seq=row.seq + 1, status=self.random.choice(onward)))

    def write(self, row: Row) -> None:
        self.database.rows[row.id] = row
        user, session = route(Scope(row.user_id, row.session_id))
        self.notices.append(f"{row.id} {row.seq} {row.status} {user} {session or '-'}")

    def tell(self) -> None:
        if self.notices:
            at = self.random.randrange(len(self.notices))
            keeps = self.random.random() < 0.1
            self.hub.notice(CHANGES, self.notices[at] if keeps else self.notices.pop(at))

    def forget(self) -> None:
        """The listener is lost with all that was under way, and comes back."""
        if self.random.random() < 0.2:
            self.notices.clear()
            self.hub.resync()

    def subscribe(self) -> None:
        job_id = self.random.choice(list(self.database.rows))
        self.seen.append(Seen(self.hub.subscribe(job_id)))

    def follow(self) -> None:
        rows = list(self.database.rows)
        scope = self.random.choice(SCOPES)
        named = self.random.sample(rows, self.random.randint(0 if scope else 1, min(2, len(rows))))
        self.seen.append(Seen(self.hub.follow(scope, named, sees=lambda _: True)))

    def read(self) -> None:
        if self.seen:
            self.random.choice(self.seen).take()

    def leave(self) -> None:
        if self.seen and self.random.random() < 0.3:
            self.seen.pop(self.random.randrange(len(self.seen))).reader.close()

    def step(self) -> None:
        """Let the hub go on to the next moment of its tick."""
        self.tick = self.tick or self.hub.tick()
        try:
            self.tick.send(None)
        except StopIteration:
            self.tick = None

    def come_to_rest(self) -> None:
        self.notices.clear()
        for _ in range(2):
            while self.tick:
                self.step()
            self.hub.resync()
            self.step()
        while self.tick:
            self.step()
        for seen in self.seen * 3:
            seen.take()

    def judge(self, seen: Seen) -> None:
        reader = seen.reader
        for row in self.database.rows.values():
            last = seen.seqs.get(row.id, 0)
            if isinstance(reader, Subscription):
                is_over = any(job_id == row.id for job_id, _ in seen.ends)
                assert row.id != reader.job_id or is_over or last == row.seq, "missed"
            elif row.id in reader.named:
                assert last == row.seq, "a named job's last state was missed"
            elif reader.scope and includes(reader.scope, row):
                assert last == row.seq or row.status.is_final, "a live job was missed"
                assert last in (0, row.seq), "its end was missed"


def run(seeds: range) -> None:
    for seed in seeds:
        try:
            Schedule(seed).run()
        except AssertionError as error:
            raise AssertionError(f"schedule {seed}: {error}") from error


async def test_no_schedule_misses_a_state():
    run(range(SHORT))


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_no_schedule_of_a_hundred_thousand_misses_a_state():
    run(range(LONG))


async def test_a_hub_that_reads_before_it_listens_is_caught(monkeypatch: pytest.MonkeyPatch):
    """The positive control: with the order turned round, schedules miss states."""
    whole = Hub._admit

    def too_late(self: Hub, reader: Subscription | Feed) -> None:
        whole(self, reader)
        for job_id in reader.named:
            self._dirty.discard(job_id)

    monkeypatch.setattr(Hub, "_admit", too_late)
    monkeypatch.setattr(Hub, "resync", lambda self: None)

    with pytest.raises(AssertionError, match="schedule"):
        run(range(SHORT))
