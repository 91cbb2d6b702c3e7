"""Digests on every clock there is: each planned hour of each local day once, whatever the clock does.

    python bench/zones.py [--short] [--years N] [--seed N]

Readers with different hours and days live in every zone of the tz database for ten years from 2026, and again from 2006
with the changes that really were; zones that skipped or repeated a whole day before that have a year each. Their plans
are looked at as the newsroom does, from one due moment to the next. What ought to come is reckoned apart from that, from
nothing but the moments at which a clock was put forward or back. PYTHONTZPATH= (empty) takes the database of the package
`tzdata` instead of the system's. Ends with 1 if there are faults.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from rich.console import Console
from rich.table import Table

from bot.domain.news import Reader
from bot.domain.schedule import LATE, PAST_MIDNIGHT, Slot, next_slot, timetable, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bot.domain.schedule import Timetable

HOUR: Final = 60 * 60
DAY: Final = 24 * HOUR
READERS: Final = {
    "07:00": ((420,), "daily"),
    "00:00": ((0,), "daily"),
    "02:30": ((150,), "daily"),
    "23:59": ((1439,), "daily"),
    "00:00 07:00 23:30": ((0, 420, 1410), "daily"),
    "weekends 08:00": ((480,), "weekends"),
    "Fridays 07:00": ((420,), "4"),
}
"""Hours, as minutes after midnight, and days."""
WALKS: Final = ("on time", "an hour late", "two days down")
"""How far after a due moment it is looked at: up to 5 seconds, as the newsroom does; up to an hour; or also not before
the end of two days for which the newsroom stood still, every three weeks and around changes of the clock."""
WHOLE_DAYS: Final = {
    "Pacific/Kwajalein": (1969, 1993),
    "Pacific/Enderbury": (1994, 1995),
    "Pacific/Kiritimati": (1994, 1995),
}
"""Years of clocks that skipped or repeated a day and are not in the ten years from 2006."""
PROCESSES: Final = 2
OUTAGE: Final = 2 * DAY
FAULTS: Final = ("again", "doubled", "missed", "wrong")

Wake: TypeAlias = "Callable[[int], int]"
"""When a due moment is looked at; both in seconds."""


@dataclass(frozen=True, slots=True)
class Dial:
    """What a clock shows.

    Attributes:
        begins: the moments from which it is ahead of UTC by another difference, in seconds; the first is the window's.
        ahead: these differences, in seconds.
    """

    begins: tuple[int, ...]
    ahead: tuple[int, ...]

    def shown(self, moment: int) -> int:
        """The local time at a moment, in seconds; 0 is the beginning of 1970."""
        return moment + self.ahead[bisect_right(self.begins, moment) - 1]

    def first(self, local: int) -> int:
        """The first moment that shows a local time; where none does, when it would have come without the change."""
        pieces = range(
            max(0, bisect_right(self.begins, local - 2 * DAY) - 1), bisect_right(self.begins, local + 2 * DAY)
        )
        for piece in pieces:
            moment = local - self.ahead[piece]
            if self.begins[piece] <= moment and (
                piece + 1 == len(self.begins) or moment < self.begins[piece + 1]
            ):
                return moment
        skipped = next(piece for piece in pieces if local < self.begins[piece] + self.ahead[piece])
        return local - self.ahead[skipped - 1]

    def has(self, day: date) -> bool:
        """Whether the clock ever shows this day."""
        noon = (day - EPOCH.date()).days * DAY + DAY // 2
        return self.shown(self.first(noon)) == noon


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(moment: datetime) -> int:
    """A moment as seconds since 1970."""
    return round(moment.timestamp())


def dial(name: str, since: datetime, until: datetime, step: int = DAY) -> Dial:
    """When the clock of a zone is put forward or back; two changes within `step` seconds that undo each other are missed."""
    zone = ZoneInfo(name)

    def ahead(moment: int) -> int:
        offset = datetime.fromtimestamp(moment, zone).utcoffset()
        return round(offset.total_seconds()) if offset is not None else 0

    low = seconds(since) - 10 * DAY
    begins, differences = [low], [ahead(low)]
    while low < seconds(until) + 10 * DAY:
        high = low + step
        while ahead(high) != differences[-1]:
            before, after = low, high
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if ahead(middle) == differences[-1] else (before, middle)
            begins.append(after)
            differences.append(ahead(after))
            low = after
        low = high
    return Dial(tuple(begins), tuple(differences))


def dials(since: datetime, until: datetime, step: int = DAY) -> dict[Dial, list[str]]:
    """All zones by what their clocks show within a time: most names are another one's, then."""
    found = defaultdict(list)
    for name in sorted(available_timezones()):
        found[dial(name, since, until, step)].append(name)
    return dict(found)


def waking(walk: str, chance: random.Random, clock: Dial) -> Wake:
    """When each due moment is looked at."""
    starts: list[int] = []
    if walk == WALKS[2]:
        starts += [one - chance.randrange(OUTAGE) for one in clock.begins[1:] if chance.random() < 0.5]
        at = clock.begins[0]
        while at < clock.begins[0] + 4000 * DAY:
            at += chance.randrange(3 * DAY, 39 * DAY)
            starts.append(at)
        starts.sort()

    def wake(due: int) -> int:
        last = bisect_right(starts, due) - 1
        if last >= 0 and due < starts[last] + OUTAGE:
            return starts[last] + OUTAGE
        return due + chance.randint(0, HOUR if walk == WALKS[1] else 5)

    return wake


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a plan that is due: what it said, and the digest that was made."""

    due: int
    now: int
    edition: Slot | None
    late_since: int | None
    again: bool


def looks(table: Timetable, since: datetime, until: datetime, wake: Wake) -> Iterator[Look]:
    """Look at a plan from one due moment to the next, as `Digests.compose_due` and `replan` do."""
    had: set[Slot] = set()
    due, slot = next_slot(since, table)
    while due < until:
        now = EPOCH + timedelta(seconds=wake(seconds(due)))
        plan = turn(now, table)
        again = plan.edition in had
        late_since = None if plan.late_since is None else seconds(plan.late_since)
        yield Look(seconds(due), seconds(now), None if again else plan.edition, late_since, again)
        if again:
            due, slot = next_slot(now, table)
            while slot in had:
                due, slot = next_slot(due, table)
            continue
        if plan.edition is not None:
            had.add(plan.edition)
        due = plan.next_due_at


def planned(clock: Dial, table: Timetable, since: datetime, until: datetime) -> list[tuple[int, Slot]]:
    """All hours between two moments in the order in which they come, each with its moment."""
    first = since.toordinal() - 2
    days = map(date.fromordinal, range(first, until.toordinal() + 5))
    every = [
        (clock.first((day.toordinal() - EPOCH.toordinal()) * DAY + minute * 60), Slot(day, minute))
        for day in days
        if day.weekday() in table.weekdays
        for minute in table.minutes
    ]
    return sorted(one for one in every if one[0] > seconds(since))


def judge(clock: Dial, plan: Sequence[tuple[int, Slot]], seen: Iterable[Look]) -> Counter[str]:
    """Count what became of every planned hour.

    `together` with a later hour, by the clock; `overtaken` by one before the look; `over`: its day has ended.
    `next day`: by the clock it came after its day, `no such day`: the clock never shows that one.
    FAULTS must be 0: `again` a plan that names an hour that has its digest (the newsroom then makes none), `doubled`
    one made twice, `missed`, and `wrong`, one not planned or over, or an apology too many or too few.
    """
    tally: Counter[str] = Counter()
    done: set[Slot] = set()
    at = 0
    for look in seen:
        tally["due"] += 1
        tally["again"] += look.again
        tally["doubled"] += look.edition in done
        if look.edition is not None:
            done.add(look.edition)
        begin = at
        while at < len(plan) and plan[at][0] <= look.now:
            at += 1
        hours = plan[begin:at]
        made = next((one for one in hours if one[1] == look.edition), None)
        tally["wrong"] += look.edition is not None and made is None
        tally["wrong"] += all(moment != look.due for moment, _ in hours)
        for moment, slot in hours:
            over = _over(clock, moment, slot, look.now)
            if made == (moment, slot):
                late = look.now - moment > LATE.total_seconds()
                tally["digests"] += 1
                tally["late"] += late
                tally["wrong"] += over or look.late_since != (moment if late else None)
                tally["next day"] += _day(clock, moment) > slot.day
                tally["no such day"] += not clock.has(slot.day)
            elif moment < look.due:
                tally["missed"] += 1
            elif made is not None and (moment, slot) < made:
                tally["together" if moment == made[0] else "overtaken"] += 1
            else:
                tally["over" if over else "missed"] += 1
    return tally


def _day(clock: Dial, moment: int) -> date:
    return date.fromordinal(EPOCH.toordinal() + clock.shown(moment) // DAY)


def _over(clock: Dial, moment: int, slot: Slot, now: int) -> bool:
    """Whether a digest's day has ended, and more than an hour ago."""
    return _day(clock, now) != slot.day and now - moment > PAST_MIDNIGHT.total_seconds()


def live(
    clock: Dial, name: str, reader: str, walk: str, span: tuple[datetime, datetime], seed: int
) -> Counter[str]:
    """What comes of one reader's plan in one zone."""
    table = timetable(_reader(name, *READERS[reader]))
    chance = random.Random(f"{seed} {name} {reader} {walk} {span[0].year}")
    seen = looks(table, *span, waking(walk, chance, clock))
    return judge(clock, planned(clock, table, *span), seen)


def _reader(zone: str, minutes: tuple[int, ...], days: str) -> Reader:
    chosen = ("en", zone, ("en",), (), minutes, "wait", "short", "active", "done")
    return Reader(1, "Maya", *chosen, EPOCH, EPOCH, EPOCH, None, days)


@dataclass(frozen=True, slots=True)
class Errand:
    """All readers of one clock, in one of its zones."""

    clock: Dial
    names: tuple[str, ...]
    walk: str
    span: tuple[datetime, datetime]
    seed: int

    def run(self) -> tuple[Mapping[str, Counter[str]], float]:
        """What came of each reader's plan, and the seconds of CPU that it took."""
        began = time.process_time()
        found = {
            reader: live(self.clock, self.names[0], reader, self.walk, self.span, self.seed)
            for reader in READERS
        }
        return found, time.process_time() - began


def errands(spans: Mapping[str, tuple[datetime, datetime]], seed: int) -> Iterator[tuple[str, Errand]]:
    """All that is to be walked through, by the row it belongs to."""
    for title, span in spans.items():
        for clock, names in dials(*span).items():
            for walk in WALKS:
                yield title, Errand(clock, tuple(names), walk, span, seed)
    for name, years in WHOLE_DAYS.items():
        for year in years:
            span = (_new_year(year), _new_year(year + 1))
            for walk in WALKS:
                yield "whole days", Errand(dial(name, *span), (name,), walk, span, seed)


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def database() -> str:
    """The version of the tz database in use."""
    for folder in TZPATH:
        if (file := Path(folder, "tzdata.zi")).is_file():
            with file.open(encoding="utf-8") as lines:
                return f"{next(lines).removeprefix('# version ').strip()} in {folder}"
    return f"of the package tzdata {version('tzdata')}"


COLUMNS: Final = (
    *("due", "digests", "late", "together", "overtaken", "over", "next day", "no such day"),
    *FAULTS,
)


def report(done: Sequence[tuple[str, Errand, Mapping[str, Counter[str]], float]]) -> int:
    """Print the tables; returns how many faults there are."""
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    took: Counter[tuple[str, str]] = Counter()
    faults: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for title, errand, found, cpu in done:
        row = rows[title, errand.walk]
        row["zones"] += len(errand.names)
        row["clocks"] += 1
        row["readers"] += len(errand.names) * len(found)
        for reader, tally in found.items():
            row.update(tally)
            if bad := sum(tally[one] for one in FAULTS):
                faults[title, errand.walk, reader][" ".join(errand.names)] = bad
        took[title, errand.walk] += round(cpu * 1000)
    table = Table("years", "looked at", "zones", "clocks", "readers", *COLUMNS, "CPU")
    for (title, walk), row in rows.items():
        figures = [f"{row[one]:,}" for one in ("zones", "clocks", "readers", *COLUMNS)]
        table.add_row(title, walk, *figures, f"{took[title, walk] / 1000:.1f} s")
    console = Console(width=210)
    console.print(table)
    if faults:
        table = Table("years", "looked at", "reader", "zones: faults")
        for key, where in faults.items():
            table.add_row(*key, "; ".join(f"{names}: {bad}" for names, bad in where.items()))
        console.print(table)
    return sum(row[one] for row in rows.values() for one in FAULTS)


def main() -> None:
    """Read the command line, walk, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true", help="one year from 2026, and from 2011")
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    years, past = (1, 2011) if args.short else (args.years, 2006)
    spans = {
        f"{begin}-{begin + years - 1}": (_new_year(begin), _new_year(begin + years)) for begin in (2026, past)
    }
    began = time.monotonic()
    jobs = list(errands(spans, args.seed))
    print(f"{len(available_timezones())} zones; tz database {database()}; {len(READERS)} readers in each")
    with ProcessPoolExecutor(PROCESSES) as pool:
        results = list(pool.map(Errand.run, [errand for _, errand in jobs], chunksize=4))
    done = [(title, errand, *result) for (title, errand), result in zip(jobs, results, strict=True)]
    faults = report(done)
    print(f"{time.monotonic() - began:.0f} s in all, {faults} faults")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
