"""Paper that grows downwards, in pixels, with Vietnamese letters on it: what a picture is drawn on.

matplotlib is imported when the first sheet is made, and used without pyplot, so that nothing global is kept and
threads do not meet. Equal strokes give equal bytes.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 1080
MARGIN = 48
INNER = WIDTH - 2 * MARGIN
INK, QUIET, LINE = "#111111", "#444444", "#BBBBBB"
_DPI = 100


class Paper:
    """Paper that grows downwards, in pixels; what is drawn is kept until the height is known."""

    def __init__(self) -> None:
        from matplotlib import get_data_path
        from matplotlib.ft2font import FT2Font

        # The fonts that come with matplotlib have every Vietnamese letter and are the same on every machine.
        folder = Path(get_data_path()) / "fonts" / "ttf"
        self._files = {False: folder / "DejaVuSans.ttf", True: folder / "DejaVuSans-Bold.ttf"}
        self._fonts = {bold: FT2Font(str(file)) for bold, file in self._files.items()}
        self._advances: dict[tuple[str, bool], float] = {}
        self._drawn: list[tuple[str, dict[str, Any]]] = []
        self._y = float(MARGIN) - 8

    def down(self, pixels: float) -> None:
        """Leave room."""
        self._y += pixels

    def width_of(self, words: str, size: float, *, bold: bool = False) -> float:
        """How many pixels the words take in that size."""
        return sum(self._advance(sign, bold=bold) for sign in self._known(words)) * size

    def words(
        self, words: str, size: float, *, bold: bool = False, colour: str = INK, width: float = INNER
    ) -> None:
        """Put words at the left margin, on as many lines as the width asks for."""
        for line in self._wrapped(words, size, width, bold=bold):
            self.put(line, MARGIN, size, bold=bold, colour=colour)
            self.down(size * 1.38)

    def put(
        self,
        words: str,
        x: float,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        middle: float | None = None,
        centred: float = 0.0,
    ) -> None:
        """Put one line at ``x``; ``middle`` centres it in that height, ``centred`` in that length."""
        y = self._y + (size * 0.98 if middle is None else middle / 2 + size * 0.36)
        start = x + (centred - self.width_of(words, size, bold=bold)) / 2 if centred else x
        self._drawn.append(
            ("text", {"x": start, "y": y, "s": self._known(words), "size": size, "bold": bold, "colour": colour})
        )

    def box(self, x: float, width: float, height: float, fill: str, *, edge: bool = False) -> None:
        """Fill a rectangle whose top is here."""
        self._drawn.append(
            ("box", {"x": x, "y": self._y, "width": width, "height": height, "fill": fill, "edge": edge})
        )

    def rule(self) -> None:
        """Draw a thin line across, with air around it."""
        self.down(20)
        self.box(MARGIN, INNER, 2, LINE)
        self.down(20)

    def png(self) -> bytes:
        """The drawn sheet as PNG."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        height = int(self._y + 0.5)
        figure = Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
        for kind, given in self._drawn:
            if kind == "box":
                self._fill(figure, height, **given)
            else:
                self._write(figure, height, **given)
        FigureCanvasAgg(figure)
        target = io.BytesIO()
        figure.savefig(target, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 3})
        return target.getvalue()

    @staticmethod
    def _fill(
        figure: Figure, total: int, *, x: float, y: float, width: float, height: float, fill: str, edge: bool
    ) -> None:
        from matplotlib.patches import Rectangle

        corner = (x / WIDTH, 1 - (y + height) / total)
        box = Rectangle(
            corner,
            width / WIDTH,
            height / total,
            transform=figure.transFigure,
            facecolor=fill,
            edgecolor=QUIET if edge else "none",
        )
        figure.add_artist(box)

    def _write(
        self, figure: Figure, total: int, *, x: float, y: float, s: str, size: float, bold: bool, colour: str
    ) -> None:
        from matplotlib.font_manager import FontProperties

        figure.text(
            x / WIDTH,
            1 - y / total,
            s,
            fontproperties=FontProperties(fname=str(self._files[bold]), size=size * 72 / _DPI),
            color=colour,
            parse_math=False,  # a dollar sign in a cell's name is a dollar sign
        )

    def _wrapped(self, words: str, size: float, width: float, *, bold: bool) -> list[str]:
        lines: list[str] = []
        for word in words.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width_of(longer, size, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _advance(self, sign: str, *, bold: bool) -> float:
        """The width of one sign as a part of the letters' size; measuring whole lines again and again is slow."""
        if (sign, bold) not in self._advances:
            font = self._fonts[bold]
            font.set_size(72, 72)
            self._advances[sign, bold] = font.load_char(ord(sign)).linearHoriAdvance / 65536 / 72
        return self._advances[sign, bold]

    def _known(self, words: str) -> str:
        # A sign that the font lacks would be a warning and a blank; an empty box says that something stood there.
        font = self._fonts[False]
        return "".join(c if font.get_char_index(ord(c)) else "□" for c in words)
