"""What members write: Vietnamese as people type it, each piece with a word that occurs nowhere else."""

from __future__ import annotations

import random
import unicodedata

_PHRASES = (
    "chấp hành nghiêm chủ trương, đường lối, nghị quyết của Đảng",
    "giữ gìn đoàn kết nội bộ, thẳng thắn tự phê bình và phê bình",
    "hoàn thành nhiệm vụ được giao đúng tiến độ",
    "tham gia đầy đủ sinh hoạt chi bộ và học tập nghị quyết",
    "còn ngại va chạm, chưa mạnh dạn góp ý với đồng chí",
    "gắn bó với nhân dân nơi cư trú, đóng đảng phí đầy đủ",
    "chủ động đề xuất giải pháp, cải tiến cách làm",
    "việc nghiên cứu văn bản mới có lúc chưa kịp thời",
    "không vi phạm những điều đảng viên không được làm",
)


class Words:
    """One member's pen: ``rng`` decides the words, ``owner`` (ASCII) makes them theirs alone."""

    def __init__(self, rng: random.Random, owner: str) -> None:
        self._rng = rng
        self._owner = owner
        self._count = 0

    def sign(self) -> str:
        """A word that nobody has written and nobody will write."""
        self._count += 1
        return f"{self._owner}w{self._count}"

    def piece(self, *, most: int = 400) -> str:
        """One message's worth of words on one line, at most about so many characters."""
        words = [f"Tôi {self._rng.choice(_PHRASES)}"]
        while len("; ".join(words)) < self._rng.randint(1, most):
            words.append(self._rng.choice(_PHRASES))
        text = f"{'; '.join(words)} ({self.sign()})."
        return bare(text) if self._rng.random() < 0.3 else text

    def long(self) -> str:
        """A long message of several paragraphs."""
        return "\n".join(self.piece(most=900) for _ in range(self._rng.randint(2, 4)))


def bare(text: str) -> str:
    """The same without diacritics, as many people type on a telephone."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def as_some_keyboards(text: str, rng: random.Random) -> str:
    """Sometimes with the marks as signs of their own (NFD); the bot keeps NFC."""
    return unicodedata.normalize("NFD", text) if rng.random() < 0.1 else text
