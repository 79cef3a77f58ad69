"""For trials: python -m bot.simulator [PORT] [DATA_FILE] listens and shows the page, without a bot."""

import asyncio
import sys
from pathlib import Path

from bot.simulator.server import serve
from bot.simulator.settings import SimulatorSettings

if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv[1:]))
    asyncio.run(
        serve(
            SimulatorSettings(
                port=int(arguments.get(0, 8081)),
                data_file=Path(arguments[1]) if 1 in arguments else None,
            )
        )
    )
