"""What is left in the two queues of words that people wrote, once they have been dealt with."""

from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, event, select, text

from storage import inbox, outbox, tables
from storage.records import Address, Post, Raw, Urgency
from tests.stage import Stage

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHAT = Address("wire", "1")


def test_the_words_of_an_update_go_when_it_is_done_and_stay_where_it_is_set_aside(stage: Stage) -> None:
    updates = [Raw("wire", str(n), "1", '{"text": "words"}') for n in range(2)]
    stage.write(lambda tx: inbox.keep(tx, updates, NOW))
    done, dead = stage.write(inbox.waiting)
    stage.write(lambda tx: (inbox.settle(tx, done.id, NOW), inbox.settle(tx, dead.id, NOW, "unreadable")))
    raw = select(tables.inbox.c.raw).order_by(tables.inbox.c.id)
    kept = stage.write(lambda tx: tx.execute(raw).scalars().all())
    assert kept == ["", '{"text": "words"}']
    assert stage.write(lambda tx: inbox.keep(tx, updates, NOW)) == (), "both are known again"


def test_the_words_of_a_screen_go_when_a_newer_one_takes_its_place(stage: Stage) -> None:
    for words in ("older", "newer"):
        stage.write(partial(outbox.put, post=Post(CHAT, words, edits="7"), now=NOW))
    kept = stage.write(lambda tx: tx.execute(text("select payload from outbox order by id")).scalars().all())
    assert "older" not in kept[0]
    assert "newer" in kept[1]


def test_a_try_cut_short_by_a_kill_does_not_count(stage: Stage) -> None:
    stage.write(partial(outbox.put, post=Post(CHAT, "words"), now=NOW))
    for _ in range(6):
        [queued] = stage.write(lambda tx: outbox.claim(tx, NOW, 1))
        assert queued.attempts == 1
        assert stage.write(outbox.recover) == 1
    [queued] = stage.write(lambda tx: outbox.claim(tx, NOW, 1))
    stage.write(lambda tx: outbox.later(tx, queued.id, NOW, "Bad Gateway"))
    [queued] = stage.write(lambda tx: outbox.claim(tx, NOW, 1))
    assert queued.attempts == 2, "one that the messenger refused does"


def test_the_backlog_is_what_waits_and_is_counted_without_a_look_at_the_rest(stage: Stage) -> None:
    assert stage.write(inbox.backlog) == (0, None)
    assert stage.write(outbox.backlog) == ({}, None)
    updates = [Raw("wire", str(n), "1", "{}") for n in range(3)]
    first, *_ = stage.write(lambda tx: inbox.keep(tx, updates[:1], NOW))
    stage.write(lambda tx: inbox.keep(tx, updates, NOW + timedelta(minutes=1)))
    stage.write(lambda tx: inbox.settle(tx, first.id, NOW))
    assert stage.write(inbox.backlog) == (2, NOW + timedelta(minutes=1))
    for minute, urgency in enumerate((Urgency.REMINDER, Urgency.ANSWER, Urgency.REMINDER)):
        told = Post(Address("wire", str(minute)), "words", urgency=urgency)
        stage.write(partial(outbox.put, post=told, now=NOW + timedelta(minutes=minute)))
    gone, *_ = stage.write(lambda tx: outbox.claim(tx, NOW, 1))
    assert stage.write(outbox.backlog) == ({Urgency.REMINDER: 2, Urgency.ANSWER: 1}, NOW), (
        "being sent is not arrived"
    )
    stage.write(lambda tx: outbox.sent(tx, gone.id, "1", NOW))
    assert stage.write(outbox.backlog) == ({Urgency.REMINDER: 2}, NOW)

    def plans(tx: Connection) -> list[str]:
        asked: list[str] = []
        event.listen(tx, "before_cursor_execute", lambda *given: asked.append(given[2]))
        inbox.backlog(tx)
        outbox.backlog(tx)
        explained = [f"EXPLAIN QUERY PLAN {sql}" for sql in asked]
        return [str(row[3]) for sql in explained for row in tx.exec_driver_sql(sql, (1,) * sql.count("?"))]

    found = stage.write(plans)
    assert found
    assert all("INDEX" in step or "PRIMARY KEY" in step for step in found if step.startswith(("SCAN", "SEARCH"))), (
        found
    )


def test_one_that_was_begun_is_settled_before_anything_else_in_its_chat(stage: Stage) -> None:
    reminder, answer = Post(CHAT, "reminder", urgency=Urgency.REMINDER), Post(CHAT, "answer")
    for cut_short in (True, False):
        stage.write(partial(outbox.put, post=reminder, now=NOW))
        [queued] = stage.write(lambda tx: outbox.claim(tx, NOW, 5))
        stage.write(partial(outbox.put, post=answer, now=NOW))
        assert stage.write(lambda tx: outbox.claim(tx, NOW, 5)) == (), "the reminder is on its way"
        if cut_short:
            stage.write(outbox.recover)
        else:
            stage.write(partial(outbox.later, id=queued.id, not_before=NOW + timedelta(seconds=9), trouble="502"))
            assert stage.write(lambda tx: outbox.claim(tx, NOW, 5)) == (), "and the order is kept"
        for words in ("reminder", "answer"):
            [queued] = stage.write(lambda tx: outbox.claim(tx, NOW + timedelta(seconds=9), 5))
            assert queued.post.text == words
            stage.write(partial(outbox.sent, id=queued.id, ref="1", now=NOW))
