"""The editors' desk in every language, with the nastiest names there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.desk import FeedCard, Figures, State, Wrong
from bot.domain.doctor import Advice, kept
from bot.domain.news import Feed, FeedEntry
from bot.domain.people import Deed, Person, Right, Role, may
from bot.domain.sampling import Proposal, Sample
from bot.domain.subscriptions import Contents, Report
from bot.services.health import LIMITS
from bot.services.people import ENTRIES
from bot.views import adding as adding_view
from bot.views import desk as view
from bot.views import people as people_view
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in

if TYPE_CHECKING:
    from bot.views.voice import Voice

DEEDS = (
    *("joined", "invited", "dismissed", "tried", "paused", "resumed", "moved", "removed", "added", "listed"),
    *("unlisted", "renamed", "showsfull", "showsteaser", "showslink", "redirected", "returned"),
)


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def feed(title: str = "Herald", **changes: object) -> Feed:
    fields = {
        "id": 7,
        "url": "https://herald.example/rss",
        "title": title,
        "desk": "World",
        "language": "en",
        "country": "",
        "site": "https://herald.example/",
        "state": "active",
        "etag": "",
        "last_modified": "",
        "body_hash": "",
        "moved_to": "",
        "added_at": NOW,
        "fetched_at": NOW,
        "succeeded_at": NOW,
        "newest_at": NOW,
        "gap": None,
        "failures": 0,
        "trouble": None,
        "next_check_at": NOW,
    }
    return Feed(**(fields | changes))  # type: ignore[arg-type]


BROKEN = feed(failures=3, trouble={"key": "source.unwell", "status": 500})


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_name_breaks_the_desk(voice: Voice, text: str) -> None:
    one = replace(BROKEN, title=text, desk=text[:64])
    found = Advice("https://new.example/rss", text, 12, 9)
    ill = replace(
        one, texts="link", advice=kept(found), trouble=None, failures=0, newest_at=NOW - timedelta(99)
    )
    person = Person(9, Role.EDITOR, text, NOW)
    deeds = [
        Deed(NOW, 9, text, what, {"feed": text, "desk": text, "who": text, "role": "editor", "n": 31})
        for what in DEEDS
    ]
    state = State((Wrong("database", text),), [one], Figures(NOW, 1, 1, 1), NOW)
    sample = Sample(FeedEntry(one.url, text, text[:64], "en"), (text,) * 3, 12, 1.5, full=True)
    proposal = Proposal(2**40, sample, text[:64])
    messages = [
        view.home(voice, text[:64] or "x", state, frozenset(Right), 3),
        view.feeds(voice, [one] * 50, 2, "feeds"),
        view.feed(voice, FeedCard(one, (0, 1, 500)), "desk"),
        view.feed(voice, FeedCard(ill, (0,), "cut", 3, 10**6), "take"),
        view.remove(voice, FeedCard(one, (), "full", 14, 420)),
        view.texts(voice, FeedCard(one, ())),
        view.ask_name(voice, FeedCard(one, ())),
        adding_view.proposal(voice, proposal),
        adding_view.proposal(voice, replace(proposal, known=7)),
        adding_view.desks(voice, proposal, ["World", text[:64] or "x"]),
        adding_view.cure(voice, sample, 1),
        adding_view.nearby(voice, [sample.feed] * 3, 1),
        adding_view.report(
            voice, Report(Contents(50, 2, (sample.feed,) * 30, 3, 9), 12345, (text,) * 12, (text,) * 3, 1)
        ),
        view.desks(voice, FeedCard(one, ()), ["World", text[:64] or "x"]),
        view.log(voice, deeds * 2, 1, ENTRIES),
        people_view.people(voice, [person] * 50, 1, "dismiss"),
        people_view.ask_dismiss(voice, person),
        people_view.welcome(voice, text[:64] or "x", "editor"),
    ]
    for message in messages:
        checked(message)
        assert commands_in(message) in ([], ["/desk"])


def test_a_feed_shows_how_it_is_and_a_bar_of_its_days(voice: Voice) -> None:
    fine = view.feed(voice, FeedCard(feed(), (0, 1, 2, 8)))
    assert fine.text.plain.splitlines()[-1].removeprefix("\u200f") == "·▁▂█"
    assert (
        voice("office.state_paused").plain
        in view.feed(voice, FeedCard(feed(state="paused"), (0,))).text.plain
    )
    assert voice("office.state_gone").plain in view.feed(voice, FeedCard(feed(state="gone"), (0,))).text.plain
    assert (
        voice("office.state_new").plain in view.feed(voice, FeedCard(feed(newest_at=None), (0,))).text.plain
    )
    removed = view.feed(voice, FeedCard(feed(state="removed"), (0,)))
    assert removed.rows[0][0].label == voice.label("office.undo")


def test_an_empty_desk_says_so(voice: Voice) -> None:
    state = State((), [], Figures(None, 0, 0, 0), NOW)
    home = view.home(voice, "The Quiet Hour", state, frozenset({Right.DESK}), 0)
    assert voice("office.no_story").plain in home.text.plain
    assert home.rows == ()
    assert voice("office.no_feeds").plain in view.feeds(voice, [], 3, "failing").text.plain
    assert voice("office.log_empty").plain in view.log(voice, [], 0, ENTRIES).text.plain
    assert voice("people.none").plain in people_view.people(voice, []).text.plain


def test_who_may_what() -> None:
    assert all(may(Role.OWNER, right) for right in Right)
    assert not may(Role.EDITOR, Right.PEOPLE)
    assert [right for right in Right if may(Role.MODERATOR, right)] == [Right.DESK, Right.COMMENTS]
    assert not any(may(None, right) for right in Right)


def test_why_a_feed_fails_is_said_in_the_editors_language(voice: Voice) -> None:
    said = voice("source.unwell", status=500).plain
    assert said in view.feeds(voice, [BROKEN], 0, "failing").text.plain
    assert said in view.feed(voice, FeedCard(BROKEN, (0,))).text.plain
    unheard = feed(trouble={"key": "source.unheard_of"})
    assert voice.foreign("source.unheard_of") in view.feed(voice, FeedCard(unheard, (0,))).text.plain


def test_what_is_wrong_is_said_in_the_editors_language(voice: Voice) -> None:
    since = NOW - timedelta(days=1)
    late = [Wrong(kind, f"{kind} are overdue for 86400 s", since=since) for kind in LIMITS]
    wrong = (
        *late,
        Wrong("disk", "only 7 MiB are free on the disk", free=7),
        Wrong("database", "It is shut."),
    )
    home = checked(
        view.home(voice, "N", State(wrong, [], Figures(NOW, 1, 1, 1), NOW), frozenset(Right), 0)
    ).text.plain
    for one in late:
        what = voice.label(f"health.{one.kind}")
        assert voice("health.late", time=voice.time(since), what=what).plain in home
        assert one.plain not in home
    assert voice("health.disk", free=7).plain in home
    assert voice.foreign("It is shut.") in home, "what the database says of itself stays as it is"


def test_the_log_has_roles_and_desks_in_the_editors_language() -> None:
    deeds = [Deed(NOW, 9, "Jan", "dismissed", {"who": "Eva", "role": "owner"})]
    deeds += [Deed(NOW, 9, "Jan", "moved", {"feed": "Herald", "desk": "Science"})]
    deeds += [Deed(NOW, 9, "Jan", "joined", {"role": "a role of old"})]
    lines = view.log(VOICES["de"], deeds, 0, ENTRIES).text.plain.splitlines()[1:]
    assert [line.partition(": ")[2] for line in lines] == [
        "nicht mehr dabei: Eva (Eigentümer)",
        "Herald jetzt in der Rubrik Wissenschaft",
        "jetzt dabei (a role of old)",
    ]


@pytest.mark.parametrize("number", [0, 1, 8, 9, 30])
def test_everybody_is_seen_and_can_be_let_go(voice: Voice, number: int) -> None:
    everybody = [Person(10**9 + n, Role.EDITOR, f"Person {n}", NOW) for n in range(1, number + 1)]
    pages = [checked(people_view.people(voice, everybody, page)) for page in range(number // 8 + 1)]
    said = "\n".join(page.text.plain for page in pages)
    assert all(voice.foreign(f"Person {n}") + " · " in said for n in range(1, number + 1))
    pressed = [button.data for page in pages for row in page.rows for button in row]
    assert {f"letgo:{one.user_id}" for one in everybody} == {
        data.rpartition(":")[0] for data in pressed if data.startswith("letgo:")
    }
    last = (number - 1) // 8
    assert ("office:people:1" in pressed) == (last > 0), "and there is a way from page to page"
    assert people_view.people(voice, everybody, 99) == pages[max(last, 0)]


def test_the_feeds_near_a_page_can_be_left_alone(voice: Voice) -> None:
    offered = checked(adding_view.nearby(voice, [FeedEntry("https://a.example/rss", "A")], 1))
    assert offered.rows[-1][0].data == "office:feeds:0"
