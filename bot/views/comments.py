"""What readers say of a story: the talk, what a writer is asked, and what authors hear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.comments import LONGEST, REASONS, Comment, Prompt, State, tame
from bot.domain.message import Button, Message, Rows, Text
from bot.domain.pen_names import LONGEST as LONGEST_NAME
from bot.views import notices
from bot.views.voice import HEADLINE, grid, ticked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.comments import Posted, Talk
    from bot.errors import UserError
    from bot.views.voice import Voice

_SHOWN: Final = LONGEST + 60
"""UTF-16 units that a comment takes on a page: five of them, with names and times, fit one message even where word
joiners make each longer."""
_TOLD: Final = 160
"""UTF-16 units of an answer in the message that tells of it."""
_MOST_TOLD: Final = 5
_INDENT: Final = "\u00a0\u00a0"


def button(voice: Voice, story_id: int, number: int, comment_id: int = 0) -> Button:
    """The way to what readers say of a story, with how much there is; to a certain comment where one is named."""
    label = voice.label("button.comments", count=number) if number else voice.label("button.comments_none")
    return Button(label, data("comments", story_id, *((comment_id,) if comment_id else ())))


def words(voice: Voice, text: str, limit: int = _SHOWN) -> str:
    """What a stranger wrote, with nothing in it that acts."""
    tamed = tame(voice.foreign(text, limit))
    return tamed if m.units(tamed) <= limit else tame(voice.foreign(text, limit * 2 // 3))


def headline(voice: Voice, title: str) -> str:
    """What the talk is about, likewise."""
    return words(voice, title, HEADLINE) or voice.label("story.untitled")


def name(voice: Voice, said: str) -> Text:
    """A stranger's name."""
    return m.bold(words(voice, said, LONGEST_NAME + 4))


def talk(voice: Voice, shown: Talk, reader_id: int) -> Message:
    """A page of what readers say of a story; `reader_id` is who reads."""
    rows = (
        *_writing(voice, shown),
        _turning(voice, shown),
        _judging(voice, shown, reader_id),
        (voice.button("button.to_story", "open", shown.story_id),),
        *_deleting(voice, shown, reader_id),
    )
    return Message(_page(voice, shown), tuple(row for row in rows if row))


def _page(voice: Voice, shown: Talk, *, numbered: bool = False) -> Text:
    title = voice("talk.title", title=headline(voice, shown.title))
    if not shown.comments:
        return m.join("\n", (title, voice("talk.none")))
    number = voice("talk.count", shown.number) if shown.number else Text()
    head = m.join("\n", (title, number))
    foot = voice("story.page", page=shown.page + 1, pages=shown.pages) if shown.pages > 1 else Text()
    return m.join("\n\n", (head, *_threads(voice, shown.comments, numbered=numbered), foot))


def _threads(voice: Voice, comments: Sequence[Comment], *, numbered: bool) -> list[Text]:
    """The comments of each talk together, answers indented below what the talk began with."""
    threads: dict[int, list[Text]] = {}
    for place, comment in enumerate(comments, 1):
        lines = threads.setdefault(comment.thread_id, [])
        if comment.rootless and not lines:
            lines.append(voice("talk.deleted"))
        lines.append(_one(voice, comment, f"{place}. " if numbered else ""))
    return [m.join("\n", lines) for lines in threads.values()]


def _one(voice: Voice, comment: Comment, number: str = "") -> Text:
    indent = _INDENT if comment.is_answer else ""
    return m.join(
        "\n", (indent + (number + _who(voice, comment)), *(indent + one for one in _said(voice, comment)))
    )


def _who(voice: Voice, comment: Comment) -> Text:
    values = {"name": name(voice, comment.name), "time": voice.time(comment.posted_at)}
    if comment.whom:
        line = voice("talk.who_to", whom=words(voice, comment.whom, LONGEST_NAME + 4), **values)
    else:
        line = voice("talk.who", **values)
    return m.join(" · ", (line, f"+{comment.votes}" if comment.votes else ""))


def _said(voice: Voice, comment: Comment) -> list[m.Styled]:
    said = voice.line(words(voice, comment.text))
    match comment.state:
        case State.HIDDEN:
            return [voice("talk.hidden", why=because(voice, comment.why))]
        case State.REFUSED:
            return [said, voice("talk.refused", why=because(voice, comment.why))]
        case State.HELD:
            return [said, voice("talk.held", why=_waits(voice, comment.why))]
        case _:
            return [said]


def because(voice: Voice, reason: str) -> str:
    """Why a comment was reported or taken away, inside a sentence."""
    return voice.label(f"talk.because_{reason}")


def _waits(voice: Voice, why: str) -> str:
    return voice.label(f"talk.waits_{why}")


def _writing(voice: Voice, shown: Talk) -> Rows:
    if not shown.comments:
        return ((voice.button("button.write_first", "comment", shown.story_id, 0),),)
    write = voice.button("button.write", "comment", shown.story_id, 0)
    return ((write, *_choice(voice, shown, "reply", _answerable(shown))),)


def _turning(voice: Voice, shown: Talk) -> tuple[Button, ...]:
    turns = []
    if shown.page > 0:
        turns.append(voice.button("button.back", "talk", shown.story_id, shown.page - 1))
    if shown.page < shown.pages - 1:
        turns.append(voice.button("button.next", "talk", shown.story_id, shown.page + 1))
    return tuple(turns)


def _judging(voice: Voice, shown: Talk, reader_id: int) -> tuple[Button, ...]:
    others = _of_others(shown, reader_id)
    return (*_choice(voice, shown, "vote", others), *_choice(voice, shown, "report", others))


def _deleting(voice: Voice, shown: Talk, reader_id: int) -> Rows:
    return (_choice(voice, shown, "delete", _own(shown, reader_id)),)


def _choice(voice: Voice, shown: Talk, what: str, places: Mapping[int, Comment]) -> tuple[Button, ...]:
    """A button that asks which comment is meant; none where none could be."""
    return (voice.button(f"button.{what}", "whose", what, shown.story_id, shown.page),) if places else ()


def _answerable(shown: Talk) -> dict[int, Comment]:
    return {n: one for n, one in enumerate(shown.comments, 1) if one.state == State.SHOWN}


def _of_others(shown: Talk, reader_id: int) -> dict[int, Comment]:
    return {n: one for n, one in _answerable(shown).items() if one.author_id != reader_id}


def _own(shown: Talk, reader_id: int) -> dict[int, Comment]:
    living = {State.SHOWN, State.HELD}
    return {
        n: one
        for n, one in enumerate(shown.comments, 1)
        if one.author_id == reader_id and one.state in living
    }


def which(voice: Voice, shown: Talk, what: str, reader_id: int) -> Message:
    """The page with numbers, and the question which comment is meant: to `reply`, `vote`, `report` or `delete`."""
    match what:
        case "reply":
            places = {n: data("comment", shown.story_id, one.id) for n, one in _answerable(shown).items()}
        case "report":
            places = {n: data("report", one.id) for n, one in _of_others(shown, reader_id).items()}
        case "delete":
            places = {n: data("unsay", one.id, 0) for n, one in _own(shown, reader_id).items()}
        case _:
            others = _of_others(shown, reader_id).items()
            places = {n: data("vote", one.id, int(not one.voted)) for n, one in others}
    voted = {n for n, one in enumerate(shown.comments, 1) if one.voted and what == "vote"}
    numbers = [Button(ticked(str(n), on=n in voted), meant) for n, meant in places.items()]
    question = voice("talk.which_said" if what == "vote" else "talk.which")
    text = m.join("\n\n", (_page(voice, shown, numbered=True), question))
    back = voice.button("button.back", "talk", shown.story_id, shown.page)
    return Message(text, (*grid(numbers, 5), (back,)))


def prompt(voice: Voice, asked: Prompt) -> Message:
    """What somebody who wants to write is asked: under which name, for the name, for the words."""
    answered = asked.answered
    to = (asked.story_id, answered.id if answered else 0)
    cancel = voice.button("button.cancel", "giveup", asked.story_id)
    if asked.kind == "choose":
        first = voice("talk.first_name", name=name(voice, asked.name)) if asked.name else Text()
        offered = [voice.button("button.first_name", "pen", "first", *to)] if asked.name else []
        offered.append(voice.button("button.pen_name", "pen", "other", *to))
        ask = m.join("\n", (voice("talk.choose_name"), first, voice("talk.rules")))
        text = m.join("\n\n", (_kept(voice, asked.words), ask))
        return Message(text, (tuple(offered), (voice.button("button.not_now", "giveup", asked.story_id),)))
    if asked.kind == "name":
        return Message(voice("talk.write_name", most=LONGEST_NAME), ((cancel,),))
    quoted = (
        m.join("\n", (voice("talk.answer_to", name=name(voice, answered.name)), quotation(voice, answered)))
        if answered
        else Text()
    )
    if asked.words:
        own = m.quote(voice.line(words(voice, asked.words)))
        ready = voice("talk.ready", name=name(voice, asked.name))
        post = voice.button("button.post", "say", asked.story_id)
        return Message(m.join("\n\n", (quoted, own, ready)), ((post, cancel),))
    ask = voice("talk.write", name=name(voice, asked.name), most=LONGEST)
    return Message(m.join("\n\n", (quoted, ask)), ((cancel,),))


def _kept(voice: Voice, text: str) -> Text:
    """What was written before there was a name, and that it is not lost; nothing where nothing was."""
    return m.join("\n", (m.quote(voice.line(words(voice, text))), voice("talk.kept"))) if text else Text()


def quotation(voice: Voice, comment: Comment) -> Text:
    """A comment's words, quoted."""
    return m.quote(voice.line(words(voice, comment.text)))


def posted(voice: Voice, made: Posted) -> Message:
    """The comment as others see it, and the ways on."""
    comment = made.comment
    shown = m.quote(m.join("\n", (_who(voice, comment), voice.line(words(voice, comment.text)))))
    if comment.state == State.HELD:
        said = voice("talk.posted_held", why=_waits(voice, comment.why))
    else:
        said = voice("talk.posted")
    hear = () if made.hears else ((voice.button("button.hear", "hear", 1),),)
    there = (button(voice, comment.story_id, made.number, comment.id),)
    delete = (voice.button("button.delete", "unsay", comment.id, 0),)
    return Message(m.join("\n\n", (shown, said)), (there, *hear, delete))


def too_late(voice: Voice, story_id: int) -> Message:
    """Nothing was posted, since the time for it was over."""
    return Message(voice("talk.too_late"), ((voice.button("button.write", "comment", story_id, 0),),))


def given_up(voice: Voice, story_id: int, number: int, *, waited: bool) -> Message:
    """Nothing is waited for any more."""
    said = voice("talk.cancelled" if waited else "talk.nothing_asked")
    return Message(said, ((button(voice, story_id, number),),))


def still_asked(voice: Voice, story_id: int, wrong: UserError | None = None) -> Message:
    """A picture or a voice message came where words were asked for, or words that cannot be taken: what is `wrong`."""
    said = notices.problem(voice, wrong).text if wrong else voice("talk.text_only")
    return Message(said, ((voice.button("button.cancel", "giveup", story_id),),))


def deleting(voice: Voice, comment: Comment) -> Message:
    """Whether a comment shall really go."""
    keep = voice.button("button.keep", "talk", comment.story_id, 0, comment.id)
    delete = voice.button("button.delete", "unsay", comment.id, 1)
    return Message(m.join("\n\n", (quotation(voice, comment), voice("talk.delete_it"))), ((keep,), (delete,)))


def deleted(voice: Voice, story_id: int, number: int) -> Message:
    """A comment has gone."""
    return Message(voice("talk.gone_now"), ((button(voice, story_id, number),),))


def reasons(voice: Voice, comment: Comment) -> Message:
    """Why a comment is reported."""
    buttons = [voice.button(f"button.because_{one}", "report", comment.id, one) for one in REASONS]
    back = voice.button("button.back", "talk", comment.story_id, 0, comment.id)
    return Message(
        m.join("\n\n", (quotation(voice, comment), voice("talk.why_report"))),
        (*grid(buttons, 2), (back,)),
    )


def reported(voice: Voice, comment: Comment) -> Message:
    """The editors will look at it."""
    back = voice.button("button.back", "talk", comment.story_id, 0, comment.id)
    return Message(voice("talk.reported"), ((back,),))


def answers(voice: Voice, given: Sequence[Comment], titles: Mapping[int, str]) -> Message:
    """Somebody answered: all that came since the author heard last, in one silent message."""
    blocks: list[Text] = []
    story_id = 0
    for comment in given[:_MOST_TOLD]:
        title = voice.line(m.bold(headline(voice, titles.get(comment.story_id, ""))))
        lines = (
            title if comment.story_id != story_id else "",
            _who(voice, comment),
            voice.line(words(voice, comment.text, _TOLD)),
        )
        blocks.append(m.join("\n", lines))
        story_id = comment.story_id
    more = len(given) - _MOST_TOLD
    rest = voice("talk.and_more", more) if more > 0 else Text()
    last = given[-1]
    if len(given) == 1:
        on = voice.button("button.answer", "comment", last.story_id, last.id)
    else:
        on = Button(voice.label("button.comments_none"), data("comments", last.story_id, last.id))
    stop = voice.button("button.stop_these", "hear", 0)
    text = m.join("\n\n", (voice("talk.answers", len(given)), *blocks, rest))
    return Message(text, ((on, stop),), silent=True)


def hearing(voice: Voice, *, wanted: bool) -> Message:
    """Whether the reader hears of answers from now on."""
    other = voice.button("button.stop_these", "hear", 0) if wanted else voice.button("button.hear", "hear", 1)
    return Message(voice("talk.hears" if wanted else "talk.hears_not"), ((other,),))


def taken_away(voice: Voice, comment: Comment, title: str, why: str) -> Message:
    """To its author: the editors took a comment away, and why."""
    said = voice("talk.taken_away", title=headline(voice, title), why=because(voice, why))
    own = () if comment.objected else ((voice.button("button.object", "object", comment.id),),)
    return Message(m.join("\n\n", (said, quotation(voice, comment))), own, silent=True)


def objected(voice: Voice) -> Message:
    """The editors will look once more."""
    return Message(voice("talk.objected"), ((voice.button("button.latest", "go", "latest"),),))
