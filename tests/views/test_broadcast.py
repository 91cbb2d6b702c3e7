"""What goes to many readers, whatever the paper and the editors wrote, and the screens around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import UNBEGUN, Aim, Audience, Broadcast, Op, Progress, Stage, State
from bot.domain.campaigns import Course, Preflight, Repair, Standing
from bot.domain.cleaning import plain
from bot.domain.message import Kind, Media, Message, Text, to_document
from bot.errors import UserError
from bot.views import broadcast as view
from bot.views import campaign, corrections
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in, nasty_story, story

if TYPE_CHECKING:
    from bot.domain.news import StoryLine
    from bot.views.voice import Voice

EVERYBODY = Audience(
    1_000_000,
    999,
    NOW + timedelta(hours=9),
    999,
    999,
    999,
    {"en": 3, "ru": 2, "uk": 1, "xx": 9, "zh-Hant": 1},
)
OWN = to_document(Message(Text("The trains run again.")))


def broadcast(state: State = State.DRAFT, **fields: object) -> Broadcast:
    """One of everything; `fields` are those of `Broadcast`."""
    made = Broadcast(10**9, 1, 1, None, Op.SEND, False, None, "", Aim(("en",)), state, 1, 1, NOW)  # noqa: FBT003
    begun = None if state in UNBEGUN else NOW
    times = {"starts_at": NOW, "asked_at": NOW, "begun_at": begun, "ended_at": NOW + timedelta(hours=1)}
    return replace(made, **(times | {"total": 1000, "stage": Stage.ALL} | fields))  # type: ignore[arg-type]


def preflight(line: StoryLine | None = None, counted: Audience = EVERYBODY, **fields: object) -> Preflight:
    one = broadcast(**fields) if line else broadcast(document=OWN, **fields)  # type: ignore[arg-type]
    return Preflight(one, line, counted, minutes=5, alike=("Anna", NOW))


def labels(message: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_words_break_a_broadcast(voice: Voice, text: str) -> None:
    line, note = nasty_story(text), text[:500]
    own = broadcast(document=to_document(Message(Text(text[:500]))), note=note)
    held = broadcast(State.HELD, why={"key": "campaign.why_failed", "share": 25, "reason": text})
    now = view.content(voice, broadcast(note=note), line)
    repair = Repair(broadcast(op=Op.CORRECT, note=note), broadcast(), line, text, 5, 1, 1)
    for message in (
        now,
        view.preflight(voice, replace(preflight(line), alike=(text, NOW))),
        view.audience(voice, preflight(line)),
        view.desks(voice, preflight(line), [line.desk or "x", "World"]),
        view.what(voice, line),
        view.confirm(voice, broadcast(), text, 5, now),
        campaign.board(voice, Standing(held, text, Progress(1, 2, 3, 4, 5, 6))),
        campaign.held(voice, held, text),
        campaign.listing(voice, [(held, text), (replace(own, state=State.DONE), text)]),
        corrections.preflight(voice, repair),
    ):
        assert commands_in(checked(message)) == []
    if plain(note):
        for message in (
            corrections.corrected(voice, repair.broadcast, now),
            corrections.withdrawn(voice, repair.broadcast),
            corrections.told(voice, repair.broadcast),
        ):
            assert commands_in(checked(message)) == []
    campaign.caption(
        voice,
        Standing(held, text, Progress()),
        Course(NOW, 90, (0, 5), {"gone": 1, "failed": 2, "unknown": 3}),
    )


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_every_screen_is_said_in_every_language(voice: Voice) -> None:
    how = Progress(500, 2, 3, 4, 5, 6)
    for state in set(State) - {State.DRAFT}:
        for op in Op:
            for alone in (False, True):
                shown = Standing(broadcast(state, op=op, total=1000), "Title", how, 28.4, 7, alone=alone)
                checked(campaign.board(voice, shown))
    for stage in Stage:
        checked(campaign.board(voice, Standing(broadcast(State.SENDING, stage=stage), "Title", how)))
    for name in ("gone", "failed", "unknown", "late", "story"):
        why = {"key": f"campaign.why_{name}", "share": 25, "reason": "x"}
        checked(campaign.held(voice, broadcast(State.HELD, why=why), "Title"))
    checked(
        campaign.listing(voice, [(broadcast(state), "Title") for state in State if state is not State.DRAFT])
    )
    checked(campaign.listing(voice, []))
    everything = Aim((), "World", lately=True, again=True, urgent=True)
    for line in (None, story()):
        checked(view.preflight(voice, preflight(line)))
        checked(view.preflight(voice, replace(preflight(line), minutes=0, alike=None, rate=500)))
        checked(view.audience(voice, preflight(line, aim=everything)))
        checked(view.ask_note(voice, preflight(line, note="x")))
        checked(view.desks(voice, preflight(line), ["World", "Sport"]))
    checked(view.what(voice, None, UserError("error.story_gone")))
    checked(view.ask_time(voice, 1, UserError("campaign.bad_time")))
    checked(view.given_up(voice))
    checked(corrections.how(voice, 1))
    for what in ("small", "withdraw"):
        checked(corrections.ask(voice, 1, what))
    for op in (Op.CORRECT, Op.WITHDRAW, Op.DELETE):
        checked(
            corrections.preflight(
                voice, Repair(broadcast(op=op, serious=True), broadcast(), None, "T", 5, 1, 1)
            )
        )
    campaign.missed_caption(voice)


def test_what_can_be_done_goes_by_how_it_stands() -> None:
    def shown(state: State, **fields: object) -> list[list[str]]:
        how = Progress(sent=1, unknown=2)
        return labels(campaign.board(VOICES["en"], Standing(broadcast(state, **fields), "Title", how)))

    unknown = ["Unknown: 2"]
    assert shown(State.GRACE) == [["Stop it"]]
    assert shown(State.SCHEDULED) == [["Cancel", "Desk"]]
    assert shown(State.WAITING) == [["Cancel"]]
    assert shown(State.SENDING) == shown(State.SPREAD) == [["Pause", "Stop it"], unknown, ["Desk"]]
    changes = ["Correct", "Withdraw"]
    assert shown(State.PAUSED) == [["Go on", "Stop it"], changes, unknown, ["Report", "Desk"]]
    assert shown(State.DONE) == shown(State.STOPPED) == [changes, unknown, ["Report", "Desk"]]
    assert shown(State.STOPPING) == [unknown, ["Desk"]]
    back = ["Back"]
    assert shown(State.SENDING, op=Op.CORRECT, parent_id=1) == [["Pause", "Stop it"], unknown, ["Desk"]]
    assert shown(State.DONE, op=Op.CORRECT, parent_id=1) == [unknown, back, ["Report", "Desk"]], (
        "a correction is not corrected; what it has corrected can be"
    )


def test_nobody_to_send_to_is_no_button() -> None:
    rows = labels(view.preflight(VOICES["en"], preflight(story(), Audience(0))))
    assert rows == [["Send a copy to me"], ["Edit", "Audience"], ["Cancel"]]
    nothing = Repair(broadcast(op=Op.DELETE), broadcast(), None, "T", 0)
    assert labels(corrections.preflight(VOICES["en"], nothing)) == [["Give the reason instead"], ["Cancel"]]


def test_what_is_withdrawn_can_be_deleted_unless_it_is_an_album() -> None:
    def shown(pictures: int) -> list[list[str]]:
        own = Message(Text("T"), media=(Media(Kind.PHOTO, "x"),) * pictures)
        parent = broadcast(document=to_document(own))
        return labels(
            corrections.preflight(VOICES["en"], Repair(broadcast(op=Op.WITHDRAW), parent, None, "T", 1))
        )

    assert shown(0) == shown(1) == [["Delete instead"], ["Send now", "Cancel"]]
    assert shown(2) == [["Send now", "Cancel"]]


def test_the_figures_of_one_that_goes() -> None:
    standing = Standing(broadcast(State.SENDING, total=4146), "A headline", Progress(1233, 2905, 2, 6), 29.2)
    assert campaign.board(VOICES["en"], standing).text.plain.splitlines() == [
        "It is being sent.",
        "A headline",
        "1241 of 4146 (29 %)",
        "29 a second, done about 09:31",
        "Arrived: 1233",
        "Still to go: 2905",
        "Blocked us or left: 6",
        "May have arrived or not: 2",
    ]


def test_an_own_message_stands_below_from_whom_it_is_as_far_as_there_is_room() -> None:
    voice = VOICES["en"]
    short = view.content(voice, broadcast(document=OWN, note="Read this."), None)
    assert short.text.plain == "From the editors\n\nRead this.\n\nThe trains run again."
    long = Message(Text("x" * 4090))
    assert view.content(voice, broadcast(document=to_document(long)), None).text == long.text
    picture = Message(Text("y" * 1020), media=(Media(Kind.PHOTO, "AgAC"),))
    shown = view.content(voice, broadcast(document=to_document(picture)), None)
    assert (shown.text, shown.media) == (picture.text, picture.media)
    corrected = corrections.corrected(voice, broadcast(op=Op.CORRECT, note="Wrong."), shown)
    assert len(corrected.text) == 1024


def test_what_is_paid_for_takes_less_time() -> None:
    many = Audience(84_000)
    free = view.preflight(VOICES["en"], preflight(story(), many)).text.plain
    paid = view.preflight(VOICES["en"], replace(preflight(story(), many), rate=1000)).text.plain
    assert "It takes about 50 min" in free
    assert "It takes about 2 min" in paid
    assert "Stars" not in free
    assert "in Stars, at most:" in paid
