"""Comments in the database: their order, what is read on the way to a page, and what goes when something goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from bot.domain.comments import LATELY, PAGE, State
from bot.storage import commenters, comments, moderation, stories, tables
from bot.storage.comment_tables import comments as comments_table
from bot.storage.commenters import Draft
from bot.storage.moderation import Decision
from tests.storage.archive import DAY, HOUR, MINUTE, NOW, Archive, entry

MAYA, IRINA, SALMA = 7, 8, 9


@pytest.fixture
def story(archive: Archive) -> int:
    """A story, and three readers with names."""
    archive.look(archive.feed(), entry("trees"))
    for chat_id, name in ((MAYA, "Maya"), (IRINA, "Ирина"), (SALMA, "سلمى")):
        archive.reader(chat_id)
        commenters.add(archive.connection, chat_id, name, NOW)
    return archive.story().id


def say(archive: Archive, story: int, text: str = "So.", author: int = MAYA, **more: object) -> int:
    """Write a comment down; its id. The text names the update."""
    new = comments.New(story, author, text, State.SHOWN)
    update_id = hash(text) % 10**9
    return comments.add(archive.connection, replace(new, **more), update_id, NOW)  # type: ignore[arg-type]


def seen(archive: Archive, story: int, reader: int = SALMA, page: int = 0) -> list[str]:
    return [one.text for one in comments.page(archive.connection, story, reader, page)]


def test_the_oldest_talk_comes_first_and_answers_stand_with_it(archive: Archive, story: int) -> None:
    first = say(archive, story, "first")
    second = say(archive, story, "second")
    say(archive, story, "to first", IRINA, parent_id=first)
    to_second = say(archive, story, "to second", IRINA, parent_id=second)
    say(archive, story, "to the answer", MAYA, parent_id=to_second)
    say(archive, story, "first again", SALMA, parent_id=first)
    assert seen(archive, story) == ["first", "to first", "first again", "second", "to second"]
    assert seen(archive, story, page=1) == ["to the answer"]
    (deeper,) = comments.page(archive.connection, story, SALMA, 1)
    assert (deeper.whom, deeper.is_answer, deeper.thread_id) == ("Ирина", True, second)
    assert comments.size(archive.connection, story, SALMA) == (6, 2)
    assert comments.page_of(archive.connection, deeper, SALMA) == 1
    assert comments.count(archive.connection, story) == 6


def test_what_waits_or_was_refused_is_its_authors_and_what_was_hidden_keeps_its_place(
    archive: Archive, story: int
) -> None:
    say(archive, story, "held", state=State.HELD, why="link")
    say(archive, story, "refused", state=State.REFUSED, why="advert")
    say(archive, story, "hidden", state=State.HIDDEN, why="advert")
    say(archive, story, "shown")
    assert seen(archive, story) == ["hidden", "shown"]
    assert seen(archive, story, MAYA) == ["held", "refused", "hidden", "shown"]
    assert comments.count(archive.connection, story) == 1
    assert comments.get(archive.connection, 1, SALMA) is None
    assert comments.get(archive.connection, 1, MAYA) is not None


def test_a_deleted_comment_is_gone_and_its_number_is_given_to_nobody(archive: Archive, story: int) -> None:
    first = say(archive, story, "first")
    answer = say(archive, story, "answer", IRINA, parent_id=first)
    deeper = say(archive, story, "deeper", MAYA, parent_id=answer)
    assert not comments.remove(archive.connection, first, IRINA), "another's"
    assert comments.remove(archive.connection, first, MAYA)
    assert comments.remove(archive.connection, answer, IRINA)
    (left,) = comments.page(archive.connection, story, SALMA, 0)
    assert (left.id, left.rootless, left.whom, left.thread_id) == (deeper, True, "", first)
    assert comments.remove(archive.connection, deeper, MAYA)
    assert say(archive, story, "next") > deeper
    hidden = say(archive, story, "hidden", state=State.HIDDEN)
    assert not comments.remove(archive.connection, hidden, MAYA), "it stays on the editors' desk"


def test_a_vote_counts_once_and_not_for_oneself(archive: Archive, story: int) -> None:
    comment_id = say(archive, story)
    for reader in (IRINA, IRINA, SALMA, MAYA):
        comments.vote(archive.connection, comment_id, reader, wanted=True)
    found = comments.get(archive.connection, comment_id, IRINA)
    assert found is not None
    assert (found.votes, found.voted) == (2, True)
    comments.vote(archive.connection, comment_id, IRINA, wanted=False)
    found = comments.get(archive.connection, comment_id, IRINA)
    assert found is not None
    assert (found.votes, found.voted) == (1, False)


def test_what_counts_when_somebody_writes(archive: Archive, story: int) -> None:
    say(archive, story, "one")
    say(archive, story, "two", state=State.HELD)
    taken = say(archive, story, "three", state=State.HIDDEN)
    moderation.note(archive.connection, Decision(taken, SALMA, "hide", "advert", NOW))
    moderation.note(archive.connection, Decision(1, SALMA, "approve", "", NOW))
    say(archive, story, "another's", IRINA)
    found = comments.past(archive.connection, MAYA, NOW + MINUTE)
    assert (found.joined_at, found.approved, found.recent) == (NOW, 1, 3)
    assert sorted(found.words) == ["one", "three", "two"]
    assert (found.judged, found.rejected) == (2, 1)
    assert comments.waiting(archive.connection, MAYA) == 1
    later = comments.past(archive.connection, MAYA, NOW + LATELY + DAY)
    assert (later.approved, later.recent, later.words, later.judged, later.rejected) == (1, 0, (), 0, 0)


def test_an_update_is_known_by_its_comment_for_a_while(archive: Archive, story: int) -> None:
    comment_id = say(archive, story, "x")
    update_id = hash("x") % 10**9
    found = comments.made_by(archive.connection, MAYA, update_id, NOW - HOUR)
    assert found is not None
    assert found.id == comment_id
    assert comments.made_by(archive.connection, MAYA, update_id, NOW + HOUR) is None
    assert comments.made_by(archive.connection, IRINA, update_id, NOW - HOUR) is None


def test_an_answer_is_announced_to_whom_it_was_given(archive: Archive, story: int) -> None:
    first = say(archive, story, "first")
    for text, author in (("own", MAYA), ("hers", IRINA)):
        comments.announce(archive.connection, say(archive, story, text, author, parent_id=first))
    comments.announce(archive.connection, say(archive, story, "no answer", IRINA))
    assert [one.text for one in commenters.answers_to(archive.connection, MAYA)] == ["hers"]
    assert commenters.untold(archive.connection, NOW, 9) == [MAYA]
    commenters.note_told(archive.connection, MAYA, NOW)
    comments.announce(archive.connection, say(archive, story, "more", SALMA, parent_id=first))
    assert commenters.untold(archive.connection, NOW + 59 * MINUTE, 9) == []
    assert commenters.untold(archive.connection, NOW + HOUR, 9) == [MAYA]
    commenters.hear(archive.connection, MAYA, wanted=False)
    assert commenters.untold(archive.connection, NOW + HOUR, 9) == []
    comments.announce(archive.connection, say(archive, story, "unheard", SALMA, parent_id=first))
    assert archive.count("answers") == 0


def test_merged_stories_merge_their_talks_in_the_order_in_which_they_began(
    archive: Archive, story: int
) -> None:
    archive.look(archive.feed("lens"), entry("other", "Quite another headline"))
    other = next(line.id for line in archive.stories() if line.id != story)
    first = say(archive, story, "first")
    between = say(archive, other, "between")
    say(archive, story, "to first", IRINA, parent_id=first)
    say(archive, other, "to between", IRINA, parent_id=between)
    commenters.begin(archive.connection, SALMA, Draft("comment", other, None, 1, NOW + HOUR))
    assert comments.merge(archive.connection, other, story) == 2
    assert seen(archive, story) == ["first", "to first", "between", "to between"]
    archive.connection.execute(sa.delete(tables.stories).where(tables.stories.c.id == other))
    draft = commenters.draft(archive.connection, SALMA)
    assert draft is not None
    assert draft.story_id == story
    assert comments.merge(archive.connection, other, story) == 0


def test_a_reader_who_is_deleted_takes_comments_and_all_else_along(archive: Archive, story: int) -> None:
    first = say(archive, story, "first")
    answer = say(archive, story, "answer", IRINA, parent_id=first)
    comments.announce(archive.connection, answer)
    comments.vote(archive.connection, answer, MAYA, wanted=True)
    moderation.report(archive.connection, answer, MAYA, "insult", NOW)
    moderation.note(archive.connection, Decision(answer, MAYA, "approve", "", NOW))
    commenters.begin(archive.connection, MAYA, Draft("comment", story, None, 1, NOW + HOUR))
    archive.connection.execute(sa.delete(tables.readers).where(tables.readers.c.chat_id == MAYA))
    assert seen(archive, story) == ["answer"], "what others said stays"
    for table in ("votes", "reports", "drafts", "answers"):
        assert archive.count(table) == 0, table
    assert archive.count("commenters") == 2
    (decision,) = moderation.decided(archive.connection, answer)
    assert decision.moderator_id is None, "the decision stays, without who made it"


def test_a_reader_who_moves_takes_comments_along(archive: Archive, story: int) -> None:
    comment_id = say(archive, story, "mine", IRINA)
    for reader in (MAYA, SALMA):
        comments.vote(archive.connection, comment_id, reader, wanted=True)
    say(archive, story, "said", MAYA)
    new = archive.reader(70).chat_id
    commenters.move(archive.connection, MAYA, new)
    assert commenters.get(archive.connection, MAYA) is None
    moved = commenters.get(archive.connection, new)
    assert moved is not None
    assert moved.name == "Maya"
    assert comments.past(archive.connection, new, NOW).approved == 1
    commenters.move(archive.connection, new, SALMA)
    assert archive.count("votes") == 1, "what both did is done once"
    kept = commenters.get(archive.connection, SALMA)
    assert kept is not None
    assert kept.name == "سلمى", "who has a name keeps it"
    assert comments.past(archive.connection, SALMA, NOW).approved == 1


def test_a_story_that_readers_talk_about_stays(archive: Archive, story: int) -> None:
    held = say(archive, story, "held", state=State.HELD)
    assert stories.leaving(archive.connection, NOW + DAY, NOW) == [story], (
        "what nobody can read keeps nothing"
    )
    moderation.approve(archive.connection, held)
    assert stories.leaving(archive.connection, NOW + DAY, NOW) == []
    assert comments.remove(archive.connection, held, MAYA)
    assert archive.prune(NOW + 9 * DAY) == 1


def test_names_are_taken_once_whatever_they_look_like(archive: Archive, story: int) -> None:
    assert commenters.taken(archive.connection, "M\u0430ya") == {"maya"}
    assert commenters.taken(archive.connection, "Zoe") == set()
    commenters.add(archive.connection, MAYA, "Another", NOW)
    known = commenters.get(archive.connection, MAYA)
    assert known is not None
    assert known.name == "Maya", "who has a name keeps it"
    archive.reader(71)
    with pytest.raises(sa.exc.IntegrityError):
        commenters.add(archive.connection, 71, "m\u0430ya", NOW)


def test_the_desk_shows_what_waits_longest_with_all_that_is_known(archive: Archive, story: int) -> None:
    say(archive, story, "fine")
    say(archive, story, "away", state=State.HIDDEN)
    held = say(archive, story, "held", state=State.HELD, why="link")
    shown = say(archive, story, "reported", IRINA)
    for reader, reason in ((MAYA, "advert"), (SALMA, "advert"), (SALMA, "insult"), (IRINA, "insult")):
        moderation.report(archive.connection, shown, reader, reason, NOW + HOUR)
    assert moderation.count(archive.connection) == 2
    first, second = (moderation.case(archive.connection, place) for place in (0, 1))
    assert first is not None
    assert second is not None
    assert (first.comment.id, first.shown, first.away, first.reports) == (held, 1, 1, {})
    assert (second.comment.id, second.reports) == (shown, {"advert": 2})
    assert first.title == "Headline of the trees"
    assert moderation.case(archive.connection, 2) is None
    assert moderation.find(archive.connection, 999) is None
    moderation.take_away(archive.connection, held, "advert")
    moderation.approve(archive.connection, shown)
    assert moderation.count(archive.connection) == 0
    state = sa.select(comments_table.c.state).where(comments_table.c.id == held)
    assert archive.connection.execute(state).scalar_one() == State.REFUSED
    assert not moderation.object_to(archive.connection, held, IRINA, NOW), "not one's own"
    assert moderation.object_to(archive.connection, held, MAYA, NOW)
    assert not moderation.object_to(archive.connection, held, MAYA, NOW), "once"


def plan(archive: Archive, statement: sa.Select[int]) -> str:
    text = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    return " ".join(row.detail for row in archive.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))


def test_on_the_way_to_a_page_one_index_is_read_and_nothing_is_sorted(archive: Archive, story: int) -> None:
    steps = plan(archive, comments.ids_of_page(story, MAYA, 1999))
    assert "COVERING INDEX ix_comments_story_id_thread_id (story_id=?)" in steps
    assert "TEMP B-TREE" not in steps
    assert "SCAN" not in steps
    counted = (
        sa.select(sa.func.count())
        .select_from(comments_table)
        .where(comments_table.c.story_id == story, comments.in_state(State.SHOWN))
    )
    assert "COVERING INDEX ix_comments_story_id_thread_id (story_id=?)" in plan(archive, counted)


def test_a_page_is_full_wherever_it_is(archive: Archive, story: int) -> None:
    for n in range(2 * PAGE + 1):
        say(archive, story, f"{n}")
    assert [len(seen(archive, story, page=page)) for page in range(4)] == [PAGE, PAGE, 1, 0]
