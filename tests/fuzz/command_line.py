"""Words of command lines and settings of a project, which makers combine at random."""

from __future__ import annotations

SETTINGS = """[tool.policyc]
paths = ["a.policy"]
select = ["PC3", "PC401"]
ignore = ["PC2"]
fail-on = "warning"
timeout = 2
jobs = 1
"""

OPTIONS = (
    *(
        ["--help"],
        ["--version"],
        ["--lang", "zh"],
        ["--lang", "x"],
        ["--color", "always"],
        ["--"],
        ["-"],
        ["--x"],
    ),
    *(
        ["--format", "json"],
        ["--format", "csv"],
        ["--format", "junit"],
        ["--format", "yaml"],
        ["-v"],
        ["-o", "o.txt"],
    ),
    *(["-o", "none/o.txt"], ["-o", "a.policy"], ["-o", "."], ["--select", "PC3"], ["--select", ""]),
    *(
        ["--ignore", "PC9999"],
        ["--ignore", "PC1,PC2"],
        ["--fail-on", "note"],
        ["--exit-zero"],
        ["--jobs", "2"],
    ),
    *(["--jobs", "0"], ["--witnesses", "2"], ["--witnesses", "-1"], ["--timeout", "0"], ["--timeout", "1e9"]),
    *(
        ["--timeout", "nan"],
        ["--on", "any"],
        ["--on", "2025-03-12"],
        ["--save-tests", "t.policy"],
        ["-k", "*"],
    ),
    *(["-k", "["], ["-k", ""], ["--coverage"], ["--by", "prefecture"], ["--each", "relation"], ["--all"]),
    *(
        ["--decision", "pay"],
        ["--decision", "绑定"],
        ["--expect", "permitted"],
        ["--facts", "none.json"],
        ["smt2"],
    ),
    *(
        ["--facts", "a.policy"],
        ["--facts", "."],
        ["--facts", "-"],
        ["pay"],
        ["重庆市", "北京市"],
        ["--over", "date"],
    ),
)
