"""Settings, less, pauses, and a reader's own data: every screen in every language, with every kind of choice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.buttons import token
from bot.domain.choices import PAUSES
from bot.domain.news import Offer
from bot.views import choices, less, mydata, settings, welcome
from bot.views.voice import CHOICES
from tests.views.screens import NOW, OFFER, VOICES, checked, reader

if TYPE_CHECKING:
    from bot.domain.message import Message
    from bot.domain.news import Reader
    from bot.views.voice import Voice

EN, RU = VOICES["en"], VOICES["ru"]
DUE = NOW + timedelta(hours=22, minutes=30)
NOTHING = Offer((), ())
AWAY = {"state": "paused", "away_since": NOW, "paused_until": NOW + timedelta(days=6)}
READERS = {
    "usual": reader(),
    "nothing chosen": reader(languages=(), desks=(), digest_minutes=()),
    "everything": reader(
        languages=OFFER.languages,
        desks=OFFER.desks,
        zone="Asia/Kamchatka",
        few="send",
        page="whole",
        digest_minutes=(420, 840, 1200),
        days="weekends",
        sound=False,
        quiet=(1320, 420),
    ),
    "odd": reader(
        desks=("x" * 64, "Tech: AI"), zone="America/North_Dakota/New_Salem", page="long", quiet=(60, 1080)
    ),
    "less": reader(days="2", stories="few"),
    "paused": reader(**AWAY),
    "paused for long": reader(**AWAY | {"paused_until": None}),
    "stopped": reader(state="stopped"),
    "blocked": reader(state="blocked"),
}


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def labels(message: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]


@pytest.mark.parametrize("who", READERS.values(), ids=READERS)
def test_every_screen_obeys_telegram(voice: Voice, who: Reader) -> None:
    for message in (
        settings.settings(voice, who, DUE),
        settings.settings(voice, who, None),
        *(screen(voice, who) for screen in choices.SCREENS.values()),
        choices.hour(voice, who),
        choices.hours(voice, who),
        *(
            screen(voice, who, offer)
            for screen in (choices.languages, choices.desks)
            for offer in (OFFER, NOTHING)
        ),
        choices.place(voice, who, everything=True),
        *(choices.quiet_to(voice, begin) for begin in choices.HOURS),
        less.too_much(voice, who),
        less.pause(voice),
        less.stopped(voice),
        *(less.done(voice, who, field, "daily", due) for field in ("days", "stories") for due in (DUE, None)),
        less.done(voice, who, "pause", "active", None),
        mydata.kept(voice),
        mydata.kept(voice, known=False),
        mydata.code(voice, "ABCD-EFGH-JKMN"),
        mydata.moved_here(voice),
        mydata.moved_away(voice),
        mydata.erase(voice),
        mydata.erase(voice, again=True, runs_it=True),
        mydata.erased(voice),
    ):
        checked(message)
        data = [button.data for row in message.rows for button in row]
        assert len(set(data)) == len(data), "two buttons that do the same"


def test_settings_show_the_values_in_force_and_long_ones_each_in_their_row() -> None:
    shown = settings.settings(EN, reader(languages=("en", "ru"), desks=("World", "Science", "Sport")), DUE)
    assert shown.text.plain == "Settings\nNext digest: tomorrow, 08:00 (Kyiv)"
    assert labels(shown) == [
        ["Digest: 08:00"],
        ["Days: all", "Stories: 12"],
        ["Place: Kyiv"],
        ["I read: English, Русский"],
        ["Sections: World +2"],
        ["Few stories: wait"],
        ["Sound: on", "Quiet: off"],
        ["From the editors: on"],
        ["Page: short"],
        ["Language: English"],
        ["Following", "Filters"],
        ["Pause", "My data"],
    ]


def test_other_values_are_shown_as_well() -> None:
    rows = labels(settings.settings(EN, READERS["everything"], DUE))
    assert rows[0] == ["Digest: 07:00, 14:00 +1"]
    assert rows[1] == ["Days: weekends", "Stories: 12"]
    assert rows[6] == ["Sound: off", "Quiet: 22–07"]
    assert labels(settings.settings(EN, READERS["less"], DUE))[1] == ["Days: Wed", "Stories: 5"]
    assert labels(settings.settings(RU, READERS["less"], DUE))[1] == ["Дни: ср", "Материалов: 5"]
    assert labels(settings.settings(EN, READERS["nothing chosen"], None))[0] == ["Digest: off"]


def test_a_pause_is_told_and_can_be_ended() -> None:
    shown = settings.settings(EN, READERS["paused"], None)
    assert shown.text.plain.startswith("Settings\nPaused. Nothing comes before Monday 30 November.")
    assert labels(shown)[-1] == ["End the pause", "My data"]
    open_end = less.too_much(EN, READERS["paused for long"])
    assert open_end.text.plain.startswith("Paused until you come back.")
    assert labels(open_end) == [["End the pause"], ["Stop everything"]]


def test_the_first_conversation_and_the_settings_ask_for_the_hour_in_the_same_words() -> None:
    assert welcome.hour(EN).text.plain == "When shall the digest come?"
    assert choices.hour(EN, reader()).text == welcome.hour(EN).text
    assert welcome.cities(EN, 120).text.plain == "Which city’s clock is yours?"


def test_what_the_reader_reads_and_what_the_bot_speaks_are_told_apart() -> None:
    rows = labels(settings.settings(RU, reader(languages=()), DUE))
    assert (rows[3], rows[9]) == (["Языки: все"], ["Язык бота: Русский"])


def test_what_is_in_force_is_ticked() -> None:
    assert ["06:00", "07:00", "✓ 08:00"] in labels(choices.hour(EN, reader()))
    assert labels(choices.page(EN, reader(page="long"))) == [["Short"], ["✓ Long"], ["Whole text"], ["Back"]]
    assert labels(choices.few(EN, reader())) == [["✓ Wait"], ["Send anyway"], ["Back"]]
    assert labels(choices.stories(EN, reader(stories="few"))) == [["✓ 5", "12"], ["Back"]]
    assert labels(choices.days(EN, reader()))[:2] == [["✓ All", "Weekends"], ["Monday", "Tuesday"]]
    assert labels(choices.days(EN, reader(days="6")))[-2:] == [["✓ Sunday"], ["Back"]]
    spoken = [label for row in labels(choices.language(RU, reader())) for label in row]
    assert [label for label in spoken if label.startswith("✓")] == ["✓ Русский"]
    assert "English" in spoken


def test_quiet_hours_are_ticked_whether_they_are_usual_ones_or_not() -> None:
    assert labels(choices.quiet(EN, reader())) == [
        ["21–07", "22–07", "22–08"],
        ["23–07", "23–08", "00–08"],
        ["✓ Off", "Other hours"],
        ["Back"],
    ]
    assert "✓ 22–07" in labels(choices.quiet(EN, reader(quiet=(1320, 420))))[0]
    assert ["✓ 01–18"] in labels(choices.quiet(EN, READERS["odd"]))


def test_several_hours_are_ticked_each_by_itself() -> None:
    one = choices.hour(EN, reader())
    assert labels(one)[-3:] == [["Several a day"], ["No digest"], ["Back"]]
    several = choices.hour(EN, reader(digest_minutes=(480, 1200)))
    assert several.text.plain.startswith("At which hours shall digests come? Up to 3 a day;")
    ticked = [label for row in labels(several) for label in row if label.startswith("✓")]
    assert ticked == ["✓ 08:00", "✓ 20:00"]
    full = choices.hours(EN, READERS["everything"])
    assert "take one off before you add another" in full.text.plain


def test_less_is_offered_before_nothing_which_stands_last() -> None:
    assert labels(less.too_much(EN, reader())) == [
        ["Only weekends", "Once a week"],
        ["Pause a week", "Fewer stories"],
        ["Stop everything"],
    ]
    assert labels(less.too_much(EN, reader(digest_minutes=()))) == [["Stop everything"]]
    assert labels(less.too_much(EN, READERS["less"])) == [["Pause a week"], ["Stop everything"]]
    assert labels(less.too_much(EN, reader(days="weekends")))[0] == ["Once a week", "Pause a week"]
    assert less.too_much(EN, READERS["stopped"]) == less.stopped(EN)


def test_whatever_became_less_is_taken_back_by_one_tap() -> None:
    weekly = less.done(EN, reader(days="5"), "days", "weekends", DUE + timedelta(days=3))
    assert weekly.text.plain == (
        "Once a week. It brings the news of seven days.\nNext digest: Saturday 28 November, 08:00 (Kyiv)"
    )
    assert labels(weekly) == [["Undo", "Settings"], ["Another day"]]
    assert weekly.rows[0][0].data == "set:days:weekends"
    weekends = less.done(EN, reader(days="weekends"), "days", "daily", DUE + timedelta(days=3))
    assert weekends.text.plain.startswith("Only on weekends, on Saturday and Sunday.\nNext digest: Saturday")
    assert labels(weekends) == [["Undo", "Settings"]]
    fewer = less.done(EN, reader(stories="few"), "stories", "usual", DUE)
    assert fewer.text.plain == "At most 5 stories a digest."
    assert fewer.rows[0][0].data == "set:stories:usual"
    paused = less.done(EN, READERS["paused"], "pause", "active", None)
    assert paused.rows[0][0].data == "set:state:active"
    assert [button.data for row in less.pause(EN).rows for button in row][: len(PAUSES)] == [
        f"less:pause:{length}:active" for length in PAUSES
    ]


def test_who_was_away_is_told_what_is_not_made_up_for() -> None:
    back = welcome.back(EN, reader(missed=6), DUE)
    assert back.text.plain == (
        "Welcome back. Your settings are kept.\nDigest at 08:00 (Kyiv) · World, Science.\n"
        "You missed 6 digests; they are not sent again."
    )
    assert labels(back) == [["Best of the week"], ["Latest", "Settings"]]
    assert "Вы пропустили 2 сводки;" in welcome.back(RU, reader(missed=2), DUE).text.plain
    assert "missed" not in welcome.back(EN, reader(), DUE).text.plain


def test_deleting_is_asked_twice() -> None:
    first, second = mydata.erase(EN), mydata.erase(EN, again=True)
    assert labels(first) == [["Back"], ["Delete all"]]
    assert first.rows[1][0].data == "ask:erase_again"
    assert labels(second) == [["Back"], ["Yes, delete all"]]
    assert second.rows[1][0].data == "erase"


MANY = Offer(
    tuple(f"q{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(130)),
    tuple(f"Desk {n}" for n in range(100)),
)


@pytest.mark.parametrize("field", ["languages", "desks"])
def test_however_many_there_are_all_can_be_ticked(voice: Voice, field: str) -> None:
    screen, names = (
        (choices.languages, MANY.languages) if field == "languages" else (choices.desks, MANY.desks)
    )
    pages = [checked(screen(voice, reader(), MANY, page)) for page in range(-(-len(names) // CHOICES))]
    data = [[button.data for row in page.rows for button in row] for page in pages]
    ticks = [one for page in data for one in page if one.startswith("set:")]
    assert ticks == [f"set:{field}:{token(name)}:1" for name in names]
    for place, page in enumerate(data):
        assert (f"ask:{field}:{place + 1}" in page) == (place < len(pages) - 1)
        assert (f"ask:{field}:{place - 1}" if place else "ask:settings") in page
    assert screen(voice, reader(), MANY, 99) == pages[-1]


def test_a_number_stays_behind_a_name_from_right_to_left() -> None:
    chosen = reader(languages=("ar", "de", "en"), desks=("World",))
    (label,) = labels(settings.settings(EN, chosen, DUE))[3]
    assert label == "I read: العربية\u200e +2"
