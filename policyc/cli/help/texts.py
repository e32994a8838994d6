"""The words of the help pages, in English and Chinese.

They are separate from the message catalogue so that `policyc --help` need not read that. Keys: a command;
`COMMAND ARGUMENT`; `COMMAND --option`, or `--option` alone if it means the same everywhere; `COMMAND epilog`. The
list of commands shows the first sentence of a command's text.
"""

from __future__ import annotations

from typing import Final

from ...language import Language

Words = dict[Language, str]

HEADINGS: Final[dict[str, Words]] = {
    "usage": {"en": "Usage: ", "zh": "用法："},
    "option_pieces": {"en": "[OPTIONS]", "zh": "[选项]"},
    "command_pieces": {"en": "COMMAND ...", "zh": "命令 ..."},
    "arguments": {"en": "Arguments:", "zh": "参数："},
    "options": {"en": "Options:", "zh": "选项："},
    "commands": {"en": "Commands:", "zh": "命令："},
}

TEXTS: Final[dict[str, Words]] = {
    "policyc": {
        "en": (
            "Policy as code with a constraint solver: may one person's medical insurance account pay for "
            "another, why, and where do the rules contradict each other?"
        ),
        "zh": "用约束求解检查医保政策：甲的个人账户能不能为乙支付，理由是什么，哪些规定彼此矛盾。",
    },
    "policyc epilog": {
        "en": (
            "Exit codes: 0 fine; 1 the answer is not fine; 2 wrong usage, an unreadable path\n"
            "or a defect; 3 something could not be decided in time.\n"
            "`policyc COMMAND -h` tells more of a command, `policyc explain` of findings."
        ),
        "zh": (
            "退出码：0 正常；1 有问题；2 用法有误、路径无法读取或程序缺陷；\n"
            "3 限时之内未能判定。\n"
            "各命令的详细说明见 `policyc 命令 -h`，各种发现的说明见 `policyc explain`。"
        ),
    },
    "check": {
        "en": (
            "Find everything that is wrong with a policy set. "
            "Mistakes of the text come first; where there are none, the solver looks for contradictions, "
            "gaps, rules without effect and refuted assertions, and shows a case for each.\n\n"
            "Findings that are notes or acknowledged are counted, and shown with -v."
        ),
        "zh": (
            "检查政策有无错误、矛盾和缺漏。先查文字本身的错误；没有错误时，再由求解器查找互相矛盾、没有规定、"
            "不起作用的规则和不成立的断言，并各举一例。\n\n提示和已知悉的发现只计数，加 -v 才列出。"
        ),
    },
    "check paths": {
        "en": (
            "Policy files, or folders of them; - is standard input. Without: `paths` of [tool.policyc] in the "
            "nearest pyproject.toml, else the policy files in and below this folder, else the bundled policies."
        ),
        "zh": (
            "政策文件或文件夹；- 为标准输入。不写则取最近的 pyproject.toml 中 [tool.policyc] 的 `paths`，没有则取当前文件夹"
            "及其下的政策文件，再没有则取内置政策。"
        ),
    },
    "check --all-files": {
        "en": "List findings of files that are read only because others use them, too; else they are counted.",
        "zh": "仅因被引用而读入的文件，其中的发现也一并列出；否则只计数。",
    },
    "check --format": {"en": "How to report.", "zh": "报告的格式。"},
    "--select": {
        "en": (
            "Report only these codes: PC301, PC3 for all that begin so, several joined by commas. "
            "Mistakes that keep the set from being checked are always reported."
        ),
        "zh": "只报告这些代码：如 PC301；PC3 指以此开头的全部；多个用逗号分开。使检查无法进行的错误总会报告。",
    },
    "--ignore": {"en": "Do not report these codes.", "zh": "不报告这些代码。"},
    "--fail-on": {
        "en": "The least severity that makes the exit code 1; error unless given here or in [tool.policyc].",
        "zh": "达到这一级别时退出码为 1；此处和 [tool.policyc] 都没有写则为 error。",
    },
    "--timeout": {
        "en": "Seconds of processor time for each question as a whole; 30 unless given.",
        "zh": "每个问题从头到尾的时限，以处理器时间的秒数计；不写则为 30。",
    },
    "--memory": {
        "en": "How much memory a process may take, such as 500MB; 4GB unless given.",
        "zh": "每个进程最多占用多少内存，如 500MB；不写则为 4GB。",
    },
    "--no-cache": {
        "en": "Work everything out anew, and keep nothing for the next run.",
        "zh": "不用上次运行留下的结果，也不留下结果。",
    },
    "--jobs": {
        "en": "How many processes share the work; all processors unless given.",
        "zh": "由几个进程分担；不写则用全部处理器。",
    },
    "--exit-zero": {
        "en": "Exit with 0 whatever is found; 2 still means that nothing could be checked.",
        "zh": "不论查出什么，退出码均为 0；无法检查时仍为 2。",
    },
    "check --on": {
        "en": "Consider only cases of this day, such as 2025-03-12.",
        "zh": "只考虑这一天的情形，如 2025-03-12。",
    },
    "check --witnesses": {
        "en": "Show up to so many cases of each finding, no two of them alike; one unless given.",
        "zh": "每项发现最多举多少个互不相同的例子；不写则举一个。",
    },
    "check --verify": {
        "en": (
            "Have a second solver, cvc5, confirm whatever is said to be impossible; "
            "needs `pip install policyc[verify]`."
        ),
        "zh": "凡断定不可能之处，都由第二个求解器 cvc5 证实；须先 `pip install policyc[verify]`。",
    },
    "check --save-tests": {
        "en": (
            "Write a test for each case that is shown, by which the finding can be seen again; "
            "replaces only what --save-tests wrote."
        ),
        "zh": "把所举的每个例子写成测试，供日后重现；只会替换由 --save-tests 写成的文件。",
    },
    "--output": {
        "en": "Write the report to a file, whole or not at all.",
        "zh": "把报告写入文件；要么完整写入，要么不动原文件。",
    },
    "--verbose": {"en": "Show notes and acknowledged findings too.", "zh": "提示和已知悉的发现也一并列出。"},
    "ask": {
        "en": (
            "Answer a question, such as whether one may pay for another, and say why. "
            "The question is a decision, a define or any expression. Regions fill the sides of the decision "
            "in order: `policyc ask pay 北京市 石家庄市`.\n\n"
            "The answer holds for every case with the facts given; where such cases differ it is `depends`."
        ),
        "zh": (
            "回答一个问题，如能不能支付，并说明理由。问题可以是事项、定义或任意表达式；地区依次填入事项的各侧："
            "`policyc ask 共济支付 北京市 石家庄市`。\n\n"
            "答案对符合所给事实的一切情形都成立；情形不同而结论不同时，答案是“视情况”。"
        ),
    },
    "ask question": {"en": "A decision, a define or an expression.", "zh": "事项、定义或表达式。"},
    "ask regions": {
        "en": "Names or codes of regions, for the sides of the decision in order.",
        "zh": "地区的名称或代码，依次对应事项的各侧。",
    },
    "ask --set": {
        "en": "A fact that is known, such as relation=parent; may be repeated.",
        "zh": "已知的事实，如 与共济人关系=父母；可重复。",
    },
    "ask --facts": {
        "en": "A JSON or YAML file of known facts, - for standard input; --set comes before it.",
        "zh": "记录已知事实的 JSON 或 YAML 文件，- 为标准输入；与 --set 不一致时以 --set 为准。",
    },
    "ask --on": {
        "en": "The day that is asked about, or `any`; today unless given.",
        "zh": "所问的日期，或 `any`（任何一天）；不写即今天。",
    },
    "ask --policy": {
        "en": ("A policy file or folder; may be repeated. Without: as in `policyc check`."),
        "zh": "政策文件或文件夹；可重复。不写则与 `policyc check` 相同。",
    },
    "ask --expect": {
        "en": "Exit with 1 unless this is the answer: permitted, denied, conflicting, undetermined, depends ...",
        "zh": "答案不是它时退出码为 1：如 permitted（准予）、denied（不予）、depends（视情况）。",
    },
    "--maximize": {
        "en": "Find the greatest value of an expression, and a case with it; of a decision among its yes cases.",
        "zh": "求表达式的最大值并举例；问事项时只看准予的情形。",
    },
    "--minimize": {
        "en": "Find the least value of an expression, and a case with it.",
        "zh": "求表达式的最小值并举例。",
    },
    "--also": {
        "en": "A further person who pays what is left of the bill, by the facts that differ: relation=child,payer.balance=300.",
        "zh": "再由另一人支付账单余下的部分，写出与前一人不同的事实：如 与共济人关系=子女,共济人.个人账户余额=300。",
    },
    "--over": {
        "en": "Tell the answer over time: in which spans of days it is what, and which rule turns it.",
        "zh": "按日期列出结论：哪一段日期是什么结论，由哪条规则引起变化。",
    },
    "--full": {
        "en": "Answer in full: what it depends on, all conditions, reasons with every source, an example of each answer.",
        "zh": "详细回答：取决于哪些事实、全部条件、全部理由和来源、每种结论的例子。",
    },
    "--all-reasons": {
        "en": "Give every minimal set of reasons, not only one.",
        "zh": "列出全部最小的理由组合，而不只一组。",
    },
    "--interactive": {
        "en": "Ask for the facts that still matter, the most decisive first, until the answer is settled.",
        "zh": "逐项询问仍有影响的事实，先问最关键的，直到有定论。",
    },
    "--assume": {
        "en": "Answer as if a rule set another value: chongqing.link_cap=12; may be repeated.",
        "zh": "假设某条设定取另一个值来回答：如 chongqing.link_cap=12；可重复。",
    },
    "--without": {
        "en": "Answer as if there were no such rule, table or policy; may be repeated.",
        "zh": "假设没有某条规则、某张表或某项政策来回答；可重复。",
    },
    "ask --format": {"en": "How to answer.", "zh": "回答的格式。"},
    "export": {
        "en": (
            "Write the compiled policy set for other tools. "
            "smt2 is SMT-LIB 2 text, which solvers such as Z3 and cvc5 read: the bounds of the facts, the axioms, "
            "and a block for each two rules that nothing settles, which asks whether they ever contradict each "
            "other."
        ),
        "zh": (
            "导出编译后的政策，供其他工具使用。smt2 是 Z3、cvc5 等求解器都能读取的 SMT-LIB 2 文本：事实的上下限、"
            "前提，以及逐对询问分不出先后的两条规则会不会互相矛盾。"
        ),
    },
    "export form": {"en": "What to write: smt2.", "zh": "导出的格式：smt2。"},
    "export paths": {
        "en": "Policy files, or folders of them. Without: as in `policyc check`.",
        "zh": "政策文件或文件夹。不写则与 `policyc check` 相同。",
    },
    "export --output": {
        "en": "Write to a file, whole or not at all, instead of standard output.",
        "zh": "写入文件，而不是标准输出；要么完整写入，要么不动原文件。",
    },
    "matrix": {
        "en": (
            "Show who can pay for whom, for every pair of regions. "
            "Rows are the regions of the decision's first side, columns those of the second; --set gives the "
            "region of a side. Facts not given have their usual values.\n\n"
            "With --all a verdict holds for every case with the facts given, and is `depends` where they differ."
        ),
        "zh": (
            "逐对列出各地区之间能不能支付。行为事项第一侧的地区，列为第二侧的地区；某一侧的地区可用 --set 给定。"
            "没有给定的事实取通常值。\n\n"
            "加 --all 则结论对符合所给事实的一切情形都成立；情形不同而结论不同时，为“视情况”。"
        ),
    },
    "matrix --policy": {
        "en": "A policy file or folder; may be repeated. Without: as in `policyc check`.",
        "zh": "政策文件或文件夹；可重复。不写则与 `policyc check` 相同。",
    },
    "matrix --decision": {
        "en": "The decision; `pay` unless given, or the only one there is.",
        "zh": "事项；不写则为 `pay`，或唯一的事项。",
    },
    "matrix --by": {"en": "Which regions to list.", "zh": "列出哪一级地区。"},
    "matrix --set": {
        "en": "A fact that is known, such as relation=parent; may be repeated.",
        "zh": "已知的事实，如 与共济人关系=父母；可重复。",
    },
    "matrix --on": {
        "en": "The day that is asked about, such as 2025-03-12; today unless given.",
        "zh": "所问的日期，如 2025-03-12；不写即今天。",
    },
    "matrix --each": {
        "en": "One matrix for each value of this fact, such as mechanism.",
        "zh": "按这项事实的每个取值各列一表，如 共济方式。",
    },
    "matrix --all": {
        "en": "Look at all cases instead of the usual ones.",
        "zh": "考虑一切情形，而不只是通常情形。",
    },
    "matrix --format": {
        "en": "How to report; csv is for spreadsheets.",
        "zh": "报告的格式；csv 供电子表格使用。",
    },
    "test": {
        "en": (
            "Run the tests of a policy set and show why those that fail do. "
            "A test holds if every case with the facts it gives meets its expectations.\n\n"
            "With --coverage the report also says which rules and rows of tables no test exercises: a rule is "
            "exercised if it applies in the case of some test, the facts not given being usual ones."
        ),
        "zh": (
            "运行政策中的测试，并说明未通过的原因。凡符合所给事实的情形都合乎预期，测试才算通过。\n\n"
            "加 --coverage 还列出没有测试用到的规则和表中的行：未给的事实取通常值时，规则在某个测试的情形中适用，"
            "才算用到。"
        ),
    },
    "facts": {
        "en": (
            "List what can be asked: decisions with their sides, facts with their values, parameters, definitions, and "
            "the regions that rules speak of. With a name, or a part of one, everything about what has it."
        ),
        "zh": (
            "列出可以问什么、怎么写：事项及其各侧、事实及其取值、参数、定义，以及规则涉及的地区。写上名称或其中几个字，"
            "则列出有关的全部内容。"
        ),
    },
    "facts name": {
        "en": "A name, a title, or a part of one.",
        "zh": "名称，或其中几个字。",
    },
    "facts --policy": {
        "en": "A policy file or folder; may be repeated. Without: as in `policyc check`.",
        "zh": "政策文件或文件夹；可重复。不写则与 `policyc check` 相同。",
    },
    "facts --format": {"en": "How to list.", "zh": "列表的格式。"},
    "explain": {
        "en": (
            "Explain a diagnostic code: what is found, why it matters, what to do, with an example. "
            "Without a code, or with the beginning of several (PC3), a line on each."
        ),
        "zh": "解释诊断代码：查的是什么、为什么要紧、怎么改，并附例子。不写代码，或只写开头（如 PC3），则每个代码列一行。",
    },
    "explain code": {
        "en": "A code such as PC301, or its name.",
        "zh": "代码，如 PC301，或其名称。",
    },
    "test paths": {
        "en": "Policy files, or folders of them. Without: as in `policyc check`.",
        "zh": "政策文件或文件夹。不写则与 `policyc check` 相同。",
    },
    "test --match": {
        "en": "Run only tests whose name contains this, or matches it where it has * or ?.",
        "zh": "只运行名称中含有这段文字的测试；写有 * 或 ? 时，须与整个名称相符。",
    },
    "test --coverage": {
        "en": "Report which rules the tests exercise, and which they do not.",
        "zh": "报告测试用到了哪些规则，没有用到哪些。",
    },
    "test --format": {"en": "How to report.", "zh": "报告的格式。"},
    "test --verbose": {"en": "List the tests that passed too.", "zh": "通过的测试也一并列出。"},
    "--today": {
        "en": "The day that is taken for today; else POLICYC_TODAY, else the clock.",
        "zh": "以哪一天为今天；不写则依次看 POLICYC_TODAY 和时钟。",
    },
    "--lang": {
        "en": "Language of messages; auto follows POLICYC_LANG, then the locale.",
        "zh": "消息的语言；auto 依次看 POLICYC_LANG 和系统语言。",
    },
    "--color": {"en": "Colours; auto means on a terminal.", "zh": "颜色；auto 指在终端上使用。"},
    "--version": {"en": "Show the version and exit.", "zh": "显示版本后退出。"},
    "--help": {"en": "Show this page and exit.", "zh": "显示本页后退出。"},
}
