"""Messages about wrong usage, and about defects of policyc itself.

In: an exception. Out: its lines, in English or Chinese. click's own messages are in English only, so they are replaced
by messages of the catalogue.
"""

from __future__ import annotations

import click

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.diagnostics.messages import render

from ...language import Language
from ...render.terminal import visible
from ..session import UnreadableInput, WrongUse


def usage_text(error: click.ClickException, language: Language) -> str:
    """What was wrong, and where to find help."""
    lines = [render(text("cli.error", reason=_reason(error)), language)]
    if isinstance(error, click.UsageError) and error.ctx is not None and not isinstance(error, UnreadableInput):
        lines.append(render(text("cli.see_help", command=error.ctx.command_path), language))
    return "".join(visible(line) + "\n" for line in lines)


def out_of_memory_text(language: Language) -> str:
    """The message that memory ran out outside any question."""
    return render(text("cli.error", reason=text("cli.out_of_memory")), language) + "\n"


def defect_text(defect: Exception, language: Language) -> str:
    """One line on a defect of policyc itself."""
    what = f"{type(defect).__name__}: {defect}".strip().splitlines()[0]
    return visible(render(text("cli.defect", what=what.removesuffix(": ")), language)) + "\n"


def _reason(error: click.ClickException) -> Text | str:
    match error:
        case WrongUse():
            return error.reason
        case click.NoSuchOption():
            if error.possibilities:
                best = tuple(f"`{name}`" for name in sorted(error.possibilities))
                return text("cli.no_such_option_near", name=error.option_name, best=best)
            return text("cli.no_such_option", name=error.option_name)
        case click.MissingParameter():
            return text("cli.missing", name=_name(error))
        case click.BadOptionUsage():
            return _option_usage(error)
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices))):
            return text("cli.choice", name=_name(error), choices=tuple(f"`{choice}`" for choice in choices))
        case click.BadParameter():
            return text("cli.bad_value", name=_name(error), reason=error.message)
        case _:
            return error.format_message()


def _name(error: click.BadParameter) -> str:
    """How the command line writes a parameter."""
    parameter = error.param
    if parameter is None:
        return str(error.param_hint or "")
    return parameter.opts[-1] if isinstance(parameter, click.Option) else (parameter.name or "").upper()


def _option_usage(error: click.BadOptionUsage) -> Text:
    """An option without its value, or a flag with one."""
    takes_value = any(
        error.option_name in parameter.opts and not getattr(parameter, "is_flag", False)
        for parameter in (error.ctx.command.params if error.ctx is not None else ())
    )
    return text("cli.needs_value" if takes_value else "cli.takes_no_value", name=error.option_name)
