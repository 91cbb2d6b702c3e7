"""What an update handler may ask for: every use case of a reader, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.services.adding import Adding
from bot.services.albums import Albums
from bot.services.broadcasts import Broadcasts
from bot.services.campaigns import Campaigns
from bot.services.comments import Comments
from bot.services.corrections import Corrections
from bot.services.desk import Desk
from bot.services.digests import AHEAD, Digests
from bot.services.drafts import Rules
from bot.services.editing import Editing
from bot.services.filtering import Filtering
from bot.services.following import Following
from bot.services.lists import Lists
from bot.services.moderation import Moderation
from bot.services.moving import Moving
from bot.services.mydata import MyData
from bot.services.numbers import Numbers
from bot.services.people import People
from bot.services.readers import Readers
from bot.services.reading import Reading
from bot.services.spreading import Spreading
from bot.services.subscriptions import Subscriptions
from bot.services.unknowns import Unknowns
from bot.storage import meta

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.schedule import Clock
    from bot.feeds.reading import FeedReader
    from bot.services.safekeeping import Room
    from bot.storage.database import Database


@dataclass(frozen=True, slots=True)
class Newsroom:
    """The use cases, the newsroom's name, and the key that its buttons are signed with; comments may be off."""

    name: str
    clock: Clock
    button_key: bytes
    default_language: str
    default_zone: str
    readers: Readers
    moving: Moving
    mydata: MyData
    lists: Lists
    reading: Reading
    digests: Digests
    following: Following
    filtering: Filtering
    subscriptions: Subscriptions
    people: People
    desk: Desk
    adding: Adding
    editing: Editing
    broadcasts: Broadcasts
    campaigns: Campaigns
    corrections: Corrections
    albums: Albums
    numbers: Numbers
    unknowns: Unknowns
    comments: Comments | None = None
    moderation: Moderation | None = None


@dataclass(frozen=True, slots=True)
class House:
    """What the operator has decided about the newsroom.

    Attributes:
        name: what readers call it.
        language: of a reader whose app does not tell one.
        zone: of a reader who has not chosen a place.
        owners: the ids of those who run it, whatever the database says.
        comments: whether readers may comment.
        listed_words: words for which a comment waits for the editors.
        rules: of broadcasts.
    """

    name: str
    language: str
    zone: str
    owners: Collection[int]
    comments: bool
    listed_words: tuple[str, ...]
    rules: Rules = field(default_factory=Rules)


async def open_newsroom(house: House, db: Database, clock: Clock, reader: FeedReader, room: Room) -> Newsroom:
    """All use cases over one database.

    Args:
        house: what the operator has decided.
        db: the database.
        clock: the time.
        reader: reads feeds and pages.
        room: on the disk.
    """
    people, reading = People(db, clock, house.owners), Reading(db, clock, reader)
    return Newsroom(
        name=house.name,
        clock=clock,
        button_key=await db.read(meta.button_key),
        default_language=house.language,
        default_zone=house.zone,
        readers=Readers(db, clock, house.language, house.zone),
        moving=Moving(db, clock),
        mydata=MyData(db, clock, people),
        lists=Lists(db, clock),
        reading=reading,
        digests=Digests(db, clock, ahead=AHEAD),
        following=Following(db, clock, reader),
        filtering=Filtering(db, clock),
        subscriptions=Subscriptions(db, clock, reader),
        people=people,
        desk=Desk(db, clock, room, people),
        adding=Adding(db, clock, reader, people),
        editing=Editing(db, clock, people),
        broadcasts=Broadcasts(db, clock, people, reading, house.rules),
        campaigns=Campaigns(db, clock, people, Spreading(db, clock, house.rules), house.rules),
        corrections=Corrections(db, clock, people),
        albums=Albums(db),
        numbers=Numbers(db, clock),
        unknowns=Unknowns(db, clock, people),
        comments=Comments(db, clock, people, house.name, house.listed_words) if house.comments else None,
        moderation=Moderation(db, clock, people) if house.comments else None,
    )
