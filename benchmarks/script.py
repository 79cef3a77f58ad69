"""A whole self-assessment as one member types it, message after message, without pressing a button."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from benchmarks import seeding
from handlers.dialogue.said import Typed
from storage import reviews
from storage.records import CycleId, MemberId

_ON = "tiếp"
_NONE = "không có"
_PARAGRAPHS = (
    """Bản thân luôn kiên định với mục tiêu, lý tưởng của Đảng; chấp hành đầy đủ chủ trương, nghị quyết, pháp luật
của Nhà nước và quy định của cơ quan, của nơi cư trú.""",
    """Giữ gìn đoàn kết trong chi bộ và trong tổ chuyên môn, thẳng thắn góp ý trên tinh thần xây dựng, lắng nghe
và tiếp thu ý kiến của đồng nghiệp, của nhân dân nơi cư trú.""",
    """Thực hiện nghiêm những điều đảng viên không được làm; không có biểu hiện suy thoái, không vi phạm kỷ luật
phát ngôn; nêu gương trong công việc và trong sinh hoạt.""",
)
# The non-leader's form of 2025, question after question.
SCRIPT = (
    *_PARAGRAPHS,
    _ON,
    "Hoàn thành đầy đủ nhiệm vụ được phân công trong năm, trong đó có ba việc đột xuất, đúng tiến độ.",
    "Tham gia đầy đủ các lớp bồi dưỡng, học tập nghị quyết; có một sáng kiến được công nhận ở cơ sở.",
    _ON,
    _NONE,
    "20",
    "20",
    "0",
    "7",
    "Đã thực hiện đủ các nội dung cam kết tu dưỡng, rèn luyện đầu năm.",
    _ON,
    "Còn ít đi thực tế ở cơ sở, có việc báo cáo chậm một ngày.",
    "Chưa mạnh dạn góp ý trong sinh hoạt chi bộ.",
    _ON,
    "Chủ quan: chưa sắp xếp thời gian hợp lý giữa các việc.",
    _ON,
    _NONE,
    _NONE,
    _NONE,
    "Mỗi quý đi thực tế ít nhất một lần, báo cáo đúng hạn từng việc.",
    _ON,
    "28,5",
    "63",
    "xuất sắc",
)


def expected(tx: Connection, member: int, now: datetime) -> list[dict[str, Any]]:
    """What the draft holds after each message, by the real desk; LookupError where the script ends early."""
    front, after = seeding.desk(), list[dict[str, Any]]([{}])
    for words in SCRIPT:
        seeding.hear(tx, front, member, Typed(words), now)
        cycle = CycleId(seeding.cell_of(member))
        found = reviews.find(tx, cycle, MemberId(member))
        after.append(dict(found.answers) if found else {})
    if "self_grade" not in after[-1]:
        raise LookupError("the script does not lead through the form any more")
    return after
