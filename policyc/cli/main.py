"""The command `policyc`: global options, the commands by name, exit codes.

In: the words of the command line. Out: an exit code: 0 fine, 1 the answer is "no, not fine", 2 usage, an
unreadable path or a defect of policyc, 3 something could not be decided in time. Commands are imported on call, so
that `--help` and `--version` load neither parser nor solver.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from policyc.dsl.system.file_names import as_word
from policyc.solver.backends.interrupts import INTERRUPTED, end_at_once

from .. import __version__
from ..language import choose_language
from .help.pages import Command, Page, say
from .io import settle_streams, write_notice
from .options import global_options
from .session import Session, WrongUse

#: Commands in the order of the help page; each is a module of that name.
COMMANDS = ("check", "ask", "matrix", "test", "facts", "export", "explain")

WRONG = 2
UNDECIDED = 3


class Program(Page, click.Group):
    """The group of all commands."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*global_options(()), *super().get_params(ctx)]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f".commands.{cmd_name}", __package__).command
        assert isinstance(command, Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing and args[0] not in COMMANDS:
            raise _no_such_command(args[0], ctx)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs and exits with the exit code; without `standalone_mode`, returns it and raises exceptions."""
        words = [as_word(word) for word in (sys.argv[1:] if args is None else args)]
        extra.setdefault("obj", Session(choose_language(language_wish(words))))
        if not standalone_mode:
            return super().main(words, "policyc", complete_var, standalone_mode=False, **extra)
        settle_streams()
        if args is None:  # started as a program
            end_at_once()
        # Policy sets and terms are large and live to the end, so searching them for garbage is useless.
        gc.set_threshold(100_000, 50, 50)
        # Libraries may fail to clean up after an interruption (half-made objects of Z3); nobody needs to know.
        if not debugging():
            sys.unraisablehook = lambda _: None
        sys.exit(self._exit_code(words, complete_var, extra))

    def _exit_code(self, words: list[str], complete_var: str | None, extra: dict[str, Any]) -> int:
        language = extra["obj"].language
        try:
            result = super().main(words, "policyc", complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            from .help.usage import usage_text

            write_notice(usage_text(error, language))
            return WRONG
        except click.Abort:
            return INTERRUPTED
        except MemoryError:
            from .help.usage import out_of_memory_text

            write_notice(out_of_memory_text(language))
            return UNDECIDED
        except Exception as defect:  # noqa: BLE001 - everything else is a defect, and reported as one
            from .help.usage import defect_text

            if debugging():
                import traceback

                write_notice(traceback.format_exc())
            write_notice(defect_text(defect, language))
            return WRONG
        return result if isinstance(result, int) else 0


def debugging() -> bool:
    """Whether to show the traceback of a defect."""
    return os.environ.get("POLICYC_DEBUG") == "1"


def language_wish(words: Sequence[str]) -> str | None:
    """The value of the last `--lang`, before the command or after it."""
    wish = None
    rest = iter(words)
    for word in rest:
        if word == "--":
            break
        if word.startswith("--lang="):
            wish = word.partition("=")[2]
        elif word == "--lang":
            wish = next(rest, None)
    return wish


def _no_such_command(name: str, ctx: click.Context) -> WrongUse:
    from policyc.dsl.binding.names import nearest
    from policyc.dsl.diagnostics.diagnostic import text

    best = nearest(name, COMMANDS)
    if best is None:
        return WrongUse(text("cli.no_such_command", name=name), ctx)
    return WrongUse(text("cli.no_such_command_near", name=name, best=best), ctx)


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        say(f"policyc {__version__}\n")
        ctx.exit()


@click.group(
    "policyc", cls=Program, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
@click.pass_context
def main(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        write_notice(ctx.get_help() + "\n")
        ctx.exit(WRONG)
