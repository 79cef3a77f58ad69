"""The commands of ``python -m bot``; each reads its settings, calls what does the work, and says how it ended."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, TextIO, cast

import structlog
import typer

from bot.lean import lean_start
from bot.logs import Patient, Repeats
from bot.settings import NO_TOKEN, Settings, SettingsTrouble, read_settings, setting_of

# The rest of the program is imported by the command that needs it: ``--help`` and a refusal should be quick.

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
members_app = typer.Typer(no_args_is_help=True, help="The roster from the command line.")
app.add_typer(members_app, name="members")

WRONG_SETTING, CANNOT_START = 2, 3
_STOP_SECONDS = 9.0


def main() -> None:
    """Run the command line; a wrong setting is one line and exit status 2."""
    try:
        app()
    except SettingsTrouble as trouble:
        print(trouble, file=sys.stderr)  # noqa: T201
        raise SystemExit(WRONG_SETTING) from None


@app.command()
def run(verbose: Annotated[bool, typer.Option(help="Say more.")] = False) -> None:
    """Run the bot until it is stopped."""
    settings = read_settings()
    if settings.bot_token is None and settings.zalo_token is None:
        raise SettingsTrouble(NO_TOKEN)
    _set_up_logs(verbose=verbose)
    raise SystemExit(asyncio.run(_run(settings)))


async def _run(settings: Settings) -> int:
    with lean_start():
        from bot.app import Program
        from bot.backups import BackupFolderTrouble
        from bot.channels.contract import DeliveryError
        from bot.messengers import StoppedEarly
        from bot.troubles import of_setting
        from storage.database import DatabaseTrouble

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    program = Program(settings)
    try:
        await program.start(stop)
    except StoppedEarly:
        return 0
    except DatabaseTrouble as trouble:
        _say(of_setting(trouble, settings.database_url))
        return CANNOT_START
    except BackupFolderTrouble as trouble:
        _say(f"BOT_BACKUP_DIR: {trouble}")
        return CANNOT_START
    except DeliveryError as refused:
        _say(f"{setting_of(refused.channel, token=refused.everywhere)}: {refused}")
        return WRONG_SETTING if refused.everywhere else CANNOT_START
    except OSError as taken:
        _say(f"BOT_LISTEN: {taken.strerror}")
        return CANNOT_START
    try:
        await program.run(stop)
    finally:
        watch = _leave_in_time()
        await program.stop()
        watch.cancel()
    return 0


def _leave_in_time() -> threading.Timer:
    """End at once where an orderly stop takes too long, for example behind a locked database.

    Nothing is lost by it: what was heard is kept, and what was not sent goes out after the next start.
    """

    def leave() -> None:
        _say("stopping took too long; what is left is done after the next start")
        os._exit(0)

    watch = threading.Timer(_STOP_SECONDS, leave)
    watch.daemon = True
    watch.start()
    return watch


@app.command()
def check() -> None:
    """Say in plain lines whether settings, database, token and clock are in order."""
    from bot.checkup import checkup

    settings = read_settings()
    findings = asyncio.run(checkup(settings))
    for finding in findings:
        print(finding.line)  # noqa: T201
    raise SystemExit(0 if all(finding.good for finding in findings) else WRONG_SETTING)


@app.command()
def demo(
    port: Annotated[int, typer.Option(envvar="PORT", help="Where the page is served.")] = 8080,
    reset: Annotated[bool, typer.Option(envvar="RESET", help="Begin anew.")] = False,
) -> None:
    """Show the whole product on this machine: a local server, the bot, phones in a web page."""
    from bot.demo import run_demo

    raise SystemExit(asyncio.run(run_demo(port, reset=reset)))


@app.command()
def simulate(
    port: Annotated[int, typer.Option(help="Where to listen.")] = 8081,
    token: Annotated[str | None, typer.Option(help="The token that the bot has to show.")] = None,
    data_file: Annotated[Path | None, typer.Option(help="Keep chats here.")] = None,
    clock_file: Annotated[Path | None, typer.Option(help="Write the clock's offset here.")] = None,
    health_url: Annotated[str | None, typer.Option(help="The bot's health page.")] = None,
    rates: Annotated[str, typer.Option(help="telegram, off, or a factor.")] = "telegram",
) -> None:
    """Run the local Bot API server alone, with phones in a web page and a control interface."""
    from bot.simulator.server import serve
    from bot.simulator.settings import SimulatorSettings

    try:
        settings = SimulatorSettings(
            port=port,
            token=token or SimulatorSettings.token,
            data_file=data_file,
            clock_file=clock_file,
            health_url=health_url,
            rates=rates,
        )
        asyncio.run(serve(settings))
    except (ValueError, OSError) as wrong:
        raise SettingsTrouble(f"simulate: {wrong}") from None


@app.command()
def flows(
    diagram: Annotated[bool, typer.Option(help="As Mermaid flowcharts.")] = False,
    language: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Print every dialogue: its steps, what each asks and takes, where it leads."""
    from bot.app import make_desk
    from handlers.dialogue.drawing import describe
    from handlers.dialogue.drawing import diagram as draw
    from handlers.dialogue.room import House
    from handlers.texts import sentences

    known = sentences(language).get
    for flow in make_desk(House(zone=read_settings().zone)).flows.values():
        print(draw(flow) if diagram else describe(flow, known), end="\n\n")  # noqa: T201


@app.command("check-forms")
def check_forms(
    folder: Annotated[
        Path | None, typer.Argument(help="A new year's folder; without one, every year there is.")
    ] = None,
) -> None:
    """Look at the forms of each year: texts, scales, conditions, the layout; each one filled and printed."""
    from bot.forms_check import look_at_forms

    raise SystemExit(look_at_forms(folder, _say))


@app.command()
def backup(file: Path, force: Annotated[bool, typer.Option(help="Replace a file that is there.")] = False) -> None:
    """Copy the database into a file, also while the bot runs; the copy is proven before it gets its name."""
    from bot.keeping import make_backup

    raise SystemExit(make_backup(read_settings(), file, _say, force=force))


@app.command()
def restore(
    file: Path,
    moved: Annotated[
        bool, typer.Option(help="Nothing has run since the copy was made: send what waits in it.")
    ] = False,
) -> None:
    """Put a backup in the place of the database, which is kept under another name; the bot must be stopped."""
    from bot.keeping import restore_backup

    raise SystemExit(restore_backup(read_settings(), file, _say, moved=moved))


@app.command()
def summary(year: int) -> None:
    """Count every cell's cycle of a year together: figures only, no name."""
    from bot.office import count_all

    raise SystemExit(asyncio.run(count_all(read_settings(), year, _say)))


@members_app.command("import")
def import_members(file: Path) -> None:
    """Import a roster (.xlsx or .csv): all or nothing; each bad row is named by its number and reason."""
    from bot.office import import_roster

    raise SystemExit(asyncio.run(import_roster(read_settings(), file, _say)))


@members_app.command("invite")
def invite_member(party_number: str) -> None:
    """Make a one-time code for a member of the roster, by party number: the way in for the first secretary."""
    from bot.office import invite

    raise SystemExit(asyncio.run(invite(read_settings(), party_number, _say)))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _set_up_logs(*, verbose: bool) -> None:
    """Lines on standard error: JSON for machines, colours on a terminal. No message's words, no URL of a call."""
    logging.basicConfig(level=logging.WARNING)
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            Repeats(),
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Patient(sys.stderr))),
    )
