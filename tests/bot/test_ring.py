"""The alarm clock's action in the running program: every cell on its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from bot.clock import Clock
from bot.ringer import Ringer
from handlers.dialogue.room import House
from storage import tables
from storage.database import Database


async def test_a_cell_whose_data_are_out_of_order_does_not_silence_the_others(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    await database.open()
    ringer = Ringer(database, House(zone=ZoneInfo("Asia/Ho_Chi_Minh")), Clock(), lambda: None)

    def two_cells(tx: Connection) -> None:
        for number, rules in ((1, "no such rules"), (2, "2025")):
            tx.execute(insert(tables.cells).values(id=number, name=f"Chi bộ {number}", settings={}))
            tx.execute(
                insert(tables.members).values(
                    cell_id=number, party_number=str(number), full_name="An", form="non_leader", status="official"
                )
            )
            tx.execute(
                insert(tables.cycles).values(
                    cell_id=number,
                    year=2026,
                    rules=rules,
                    opens_on=date(2026, 1, 1),
                    deadline_on=date(2026, 12, 25),
                    state="open",
                )
            )

    await database.write(two_cells)
    await ringer.ring()
    rung = await database.read(lambda tx: tx.execute(select(tables.bells.c.cell_id)).scalars().all())
    await database.close()
    assert rung == [2]
