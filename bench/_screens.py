"""What is done for each of the pictures in docs/screens, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.playground.people import CAST, EDITH, Person

MAYA, SALMA = CAST[0].id, CAST[2].id
TOM, NORA = 7_100_000_011, 7_100_000_012
OTHERS: Final = (Person(TOM, "Tom", "tom_reads"), Person(NORA, "Nora", "nora_reads"))
"""Two more readers, who write comments."""
TWO_PAPERS = "say seagrass"
JOIN: Final = ("press Start", "tap Next", "tap Next", "tap Digest")


@dataclass(frozen=True, slots=True)
class Screen:
    """A picture, or only what has to happen before the next one.

    Attributes:
        name: the picture's; empty for none.
        who: whose phone it is on.
        steps: what is done for it: `say` something, `tap` a button of the bot's (that begins so), `press` one of the
            page's, wait until a clock shows `at`, let a `tick` pass, or a `crowd` of readers in.
        shows: what can be seen, in a few words.
        dark: as it looks by night.
    """

    name: str
    who: int
    steps: tuple[str, ...]
    shows: str = ""
    dark: bool = False


def _maya(name: str, shows: str, *steps: str, dark: bool = False) -> Screen:
    return Screen(name, MAYA, steps, shows, dark)


def _edith(name: str, shows: str, *steps: str) -> Screen:
    return Screen(name, EDITH, steps, shows)


def _salma(name: str, shows: str, *steps: str) -> Screen:
    return Screen(name, SALMA, steps, shows)


FIRST: Final = (
    _maya("start", "the first question, of three", "press Start"),
    _maya("desks", "what shall be in it", "tap Next"),
    _maya("clock", "what time is it for you now", "tap Next"),
    _maya("done", "until the first digest: three stories", "tap Digest"),
    Screen("", TOM, JOIN),
    Screen("", NORA, JOIN),
    Screen("", EDITH, JOIN),
    _maya("digest", "the digest, at its hour", "at 08:00", "tick poll", "tick compose", "tick deliver"),
    _maya("digest-dark", "the same by night", dark=True),
)
READING: Final = (
    _maya("latest", "the newest stories", "say /latest"),
    _maya("latest-of-a-desk", "of one desk", "say /latest science"),
    _maya("search", "stories with a word", "say /search the"),
    _maya("search-none", "no story with these words", "say /search zeppelin harbour"),
    _maya("card", "a story at a glance, with its picture", TWO_PAPERS),
    _maya("sources", "who tells it", "tap 2 sources"),
    _maya("brief", "a story in three sentences", "say seagrass", "tap Brief"),
    _maya("story", "a page of a long text", "say pry Russia", "tap Read"),
    _maya("story-dark", "the next page, by night", "tap Next page", dark=True),
    _maya("related", "what else is told of it", "say night train vessby", "say /related 2"),
    _maya("brief-of-the-day", "the day in five sentences", "say /brief"),
    _maya("saved", "what was kept for later", "say /save 1", "say /saved"),
)
TALKING: Final = (
    _maya("", "", "crowd 40"),
    _maya(
        "comments-name",
        "the rules, and the name that others see",
        TWO_PAPERS,
        "tap Comments",
        "tap Write the first",
    ),
    _maya("", "", "tap My first name", "say I used to dive there. It was meadow as far as one could see."),
    Screen(
        "", TOM, (TWO_PAPERS, "tap Comments", "tap Reply", "tap 1", "tap My first name", "say When was that?")
    ),
    Screen(
        "",
        NORA,
        (
            *(TWO_PAPERS, "tap Comments", "tap Write", "tap A pen name", "say Old sailor"),
            "say They should close the anchorage there, at least in summer.",
        ),
    ),
    _maya("comments", "what readers say, and their answers", TWO_PAPERS, "tap Comments"),
    _maya("comment-vote", "which one is well said", "tap Well said"),
    _maya("answers", "somebody has answered", "tick answers", "tick deliver"),
    Screen("", TOM, (TWO_PAPERS, "tap Comments", "tap Report", "tap 3", "tap Other reason")),
)
FOLLOWING: Final = (
    _maya("follow", "words are followed from now on", "say /follow ferry"),
    _maya("", "", "say night train vessby", "say /related 2", "tap Follow this"),
    _maya("follow-nearby", "a site has several feeds", "say /follow northcoast.example"),
    _maya("following", "all that is followed", "tap 1", "say /following"),
    _maya("following-item", "one item, and how it reaches its reader", "tap 1"),
    _maya(
        "filter",
        "what a filter would have hidden",
        "tap Filters",
        "tap Hide words",
        "tap Headline",
        "say timetable",
    ),
)
SETTINGS: Final = (
    _maya("settings", "every value in force", "say /settings"),
    _maya("settings-hours", "several digests a day", "tap Digest:", "tap Several", "tap 18:00"),
    _maya("settings-quiet", "hours in which nothing comes", "say /settings", "tap Quiet"),
    _maya("less", "less before nothing", "say /stop"),
    _maya("pause", "a rest that ends by itself", "tap Pause"),
    _maya("my-data", "what is kept, and what can be done about it", "say /privacy"),
    _maya("my-data-delete", "asked twice", "tap Delete all"),
    _maya("help", "what else there is", "say /help"),
    _maya(
        "settings-german",
        "the longest words of all eight languages",
        "say /settings",
        "tap Language",
        "tap Deutsch",
        "say /settings",
    ),
    _maya("my-data-german", "what is kept, in these", "say /privacy"),
)
ARABIC: Final = (
    _salma("start-arabic", "from right to left", "press Start"),
    _salma(
        "latest-arabic",
        "with headlines from left to right",
        "tap التالي",
        "tap التالي",
        "tap الموجز",
        "say /latest",
    ),
)
DESK: Final = (
    _edith("desk", "whether anything is wrong, then numbers, then doors", "tick poll", "say /desk"),
    _edith("desk-numbers", "the figures of the newsroom", "tap Numbers"),
    _edith("desk-chart", "feeds by health, as a picture", "tap Feed health"),
    _edith("desk-failing", "what is wrong with a feed", "say /desk", "tap Failing"),
    _edith("desk-feeds", "all feeds", "say /desk", "tap Feeds"),
    _edith("desk-feed", "one of them", "tap 2"),
    _edith("", "", "tap Pause", "tap Go on"),
    _edith("desk-texts", "how much of a feed may be read here", "tap Texts"),
    _edith("", "", "say /desk", "tap Feeds", "tap Add feeds"),
    _edith("desk-adding", "a look at a feed before it is added", "say harbourpost.example/feeds/world.xml"),
    _edith("desk-people", "who runs the newsroom", "say /desk", "tap People"),
    _edith("reports", "what waits for the editors", "say /reports"),
    _edith("desk-story", "a story at the desk", "say pry Russia", "tap Read", "tap At the desk"),
    _edith("", "", "tap Take down", "tap Take down"),
    _edith("desk-stories", "what editors may have to look at", "say /desk", "tap Stories"),
    _edith(
        "broadcast",
        "how many get it, before it is sent",
        "say /latest science",
        "say /broadcast 6 Many of you asked about this one.",
    ),
    _edith(
        "broadcast-progress",
        "how it goes",
        "tap Send now",
        "at 08:20",
        "tick broadcast",
        "tick deliver",
        "at 08:21",
        "tick broadcast",
    ),
    _edith("desk-log", "who did what", "say /log"),
)
FAMILIES: Final = {
    "The first minutes": FIRST,
    "Reading": READING,
    "What readers say": TALKING,
    "Following": FOLLOWING,
    "Settings, and one's own data": SETTINGS,
    "From right to left": ARABIC,
    "The editors' desk": DESK,
}
"""All of them, by what they are about."""
