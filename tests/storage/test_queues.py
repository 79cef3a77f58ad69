"""What is left in the two queues of words that people wrote, once they have been dealt with."""

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import select, text

from storage import inbox, outbox, tables
from storage.records import Address, Post, Raw
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
