"""What a simulator is told at its door: address, token, files and rates."""

import re
from dataclasses import dataclass
from pathlib import Path

TOKEN_SHAPE = re.compile(r"^(\d{1,16}):[A-Za-z0-9_-]{8,64}$")


@dataclass(frozen=True)
class SimulatorSettings:
    """Settings of one simulator.

    ``data_file``: journal that survives a restart (none: memory only); files of messages lie beside it in
    ``<data_file>.files``. ``clock_file``: gets the offset of the demo clock in seconds as plain text.
    ``health_url``: JSON with ``next_due``, read when the clock is moved to the next deadline.
    ``rates``: ``"telegram"``, ``"off"``, or a number N for limits that recover N times faster.
    ``query_seconds``: how long a press of a button can be answered.
    ``zalo_delivery``: ``"once"`` (an event given out is gone) or ``"repeat"`` (it comes again at later polls).
    ``zalo_body``: a webhook gets its events ``"wrapped"``, ``"flat"`` or ``"alternate"``.
    Raises ``ValueError`` for a token or rates that have the wrong shape.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    token: str = "424242424:LOCAL-simulator-token-no-secret-0001"  # noqa: S105 - stands for no account anywhere
    bot_username: str = "chi_bo_demo_bot"
    bot_name: str = "Chi bộ"
    data_file: Path | None = None
    clock_file: Path | None = None
    health_url: str | None = None
    rates: str | float = "telegram"
    strict: bool = True
    query_seconds: float = 30.0
    zalo_token: str = "515151515:LOCAL-simulator-zalo-no-secret-0001"  # noqa: S105 - stands for no account anywhere
    zalo_name: str = "Bot Chi bộ"
    zalo_delivery: str = "once"
    zalo_body: str = "alternate"

    def __post_init__(self) -> None:
        if not (TOKEN_SHAPE.match(self.token) and TOKEN_SHAPE.match(self.zalo_token)):
            raise ValueError("token: must look like 123456:letters-and-digits")
        if self.zalo_delivery not in {"once", "repeat"} or self.zalo_body not in {"wrapped", "flat", "alternate"}:
            raise ValueError("zalo_delivery: once or repeat; zalo_body: wrapped, flat or alternate")
        rate_factor(self.rates)

    @property
    def bot_id(self) -> int:
        """The number before the colon of the token, as with Telegram."""
        return int(self.token.split(":", 1)[0])

    @property
    def files_folder(self) -> Path | None:
        """Where the bytes of documents and pictures are kept; none: in memory."""
        return None if self.data_file is None else self.data_file.with_name(self.data_file.name + ".files")


def rate_factor(rates: str | float) -> float:
    """How many times faster than Telegram the limits recover; 0 means that there are none."""
    if rates == "telegram":
        return 1.0
    if rates == "off":
        return 0.0
    try:
        factor = float(rates)
    except ValueError:
        factor = -1.0
    if factor <= 0:
        raise ValueError('rates: must be "telegram", "off" or a positive number')
    return factor
