"""What authors write out of habit from other languages, programs and documents, and what it is called here.

Tables: words, each with the keywords that it may stand for; words for types and for verdicts; marks, each with what to
write in its place. They are consulted only where a text is not understood, so they reserve no word.
"""

from __future__ import annotations

_SPELLINGS: dict[str, str] = {
    # Comparisons
    "_IS": "等于 就是 即 eq equals equal are",
    "_IS_NOT": "不等于 不等 ne isnt",
    "MORETHAN": "greater more 大于 超过 高于 多于 晚于 gt exceeds over above after",
    "LESSTHAN": "less fewer 小于 低于 少于 不足 不满 早于 未满 lt under below before",
    "_AT_LEAST": "大于等于 不小于 不少于 不低于 不早于 至少 满 达到 ge gte atleast",
    "_AT_MOST": "小于等于 不大于 不多于 不超过 不高于 不晚于 至多 最多 le lte atmost",
    "_IN": "包含于 在 之一 among within inside",
    "_NOT_IN": "不在 不包含于 notin outside",
    # Connectives
    "_AND": "并且 而且 以及 同时 和 及 与 并 且是",
    "_OR": "或者 或是 抑或 xor",
    "_NOT": "不 没有 未 并非 no",
    "_IF": "若 如 假如 倘若 要是",
    "_THEN": "就 那就 则为",
    "_ELSE": "不然 其他 另外 otherwise elif",
    "_IMPLIES": "推出 蕴含 therefore",
    "PLUS": "加 加上 plus",
    "MINUS": "减 减去 minus",
    "STAR": "乘 乘以 times",
    "_MIN": "最小值 取小 minimum least",
    "_MAX": "最大值 取大 maximum greatest",
    "_TRUE": "是的 yes",
    "_FALSE": "否 否则为假",
    "_ANY": "任何 不限 全部 所有 all whatever",
    "_DAYS": "日 天数 day",
    # Parts of statements
    "_WHEN": "若 如 时 当且仅当 where provided",
    "_UNLESS": "除了 除外 但书 except",
    "_EXCEPTION_TO": "例外 排除 overrides override",
    "_CITE": "根据 按照 依照 引自 见 cites citing per see",
    "_FROM": "从 起 自从 since starting",
    "_UNTIL": "到 截至 直到 止 till to ending",
    "_FOR": "适用 对 of",
    "_USUAL": "默认 缺省 一般 initial",
    "_DATED": "日期 发布日期 date",
    # Statements
    "_USE": "导入 包含 使用 引入 import include using",
    "_ENUM": "类型 枚举类型 enumeration type",
    "_RECORD": "记录 结构 类 class struct object",
    "_FACT": "变量 输入 var variable input",
    "_PARAMETER": "变数 常量 param const",
    "_DEFINE": "令 设 计算 let def function",
    "_POLICY": "规定 办法 规则集 ruleset module",
    "_SOURCE": "出处 文件 document",
    "_CLAUSE": "条 款 条文 article section",
    "_SET": "设置 设为 赋值 assign",
    "_PERMIT": "准许 可以 许可 准予 可 allow allows permits may",
    "_FORBID": "不得 不准 不许 不可 不允许 禁用 deny denies forbids prohibit disallow",
    "_REQUIRE": "必须 须 应 应当 需要 requires must shall needs",
    "_ASSERT": "检查 校验 保证 check ensure invariant",
    "_TEST": "用例 测试用例 例 case example",
    "_GIVEN": "假设 设有 输入 suppose",
    "_EXPECT": "期望 应得 结果 expects should",
    "_ACKNOWLEDGE": "忽略 已知 ignore suppress",
    "_BECAUSE": "理由 原因 reason",
}


def _by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for terminal, words in _SPELLINGS.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), terminal)
    return found


_BY_WORD = _by_word()


def _words(table: dict[str, str]) -> dict[str, str]:
    return {word: meant for meant, words in table.items() for word in words.split()}


#: Words for types, each with the type as it is written here.
TYPES = _words(
    {
        "boolean": "bool logical yesno",
        "int": "integer number num long float double",
        "money": "amount currency decimal yuan",
        "percent": "percentage ratio rate",
        "date": "day datetime time",
        "region": "area place city province",
        "是非": "布尔 布尔值 逻辑 真假",
        "整数": "数字 数值 数 数量 整型 人数",
        "金额": "钱 货币 金钱 人民币 元",
        "比例": "百分比 百分数 比率",
        "日期": "日 时间 日子",
        "地区": "地方 区域 城市 省份",
    }
)
#: Words for verdicts, each with the verdict as it is written here.
VERDICTS = _words(
    {
        "permitted": "permit permits allow allowed allows yes true granted approved ok can may",
        "denied": "deny denies forbid forbidden forbids no false refused rejected prohibited disallowed not",
        "conflicting": "conflict conflicts conflicted contradictory",
        "undetermined": "unknown undecided undefined none null open silent",
        "准予": "允许 可以 许可 可 准 同意 批准 通过 获准 应当允许 是 真 能",
        "不予": "禁止 不允许 不可以 不可 不得 不能 拒绝 驳回 不准予 不许 否 假 非 不批准 不同意",
        "冲突": "矛盾 相互冲突",
        "未定": "不确定 未知 不定 未规定 未决",
    }
)


def meant_by(word: str) -> tuple[str, ...]:
    """The terminals that a word of another language or of documents may stand for."""
    return _BY_WORD.get(word.lower(), ())


#: Pairs of marks around a text or a list, each with what stands around it here.
PAIRS = {
    "「": ("」", '"', '"'),
    "『": ("』", '"', '"'),
    "《": ("》", '"', '"'),
    "〈": ("〉", '"', '"'),
    "‘": ("’", '"', '"'),
    "'": ("'", '"', '"'),
    "`": ("`", '"', '"'),
    "＂": ("＂", '"', '"'),
    "«": ("»", '"', '"'),
    "„": ("“", '"', '"'),
    "[": ("]", "{", "}"),
    "【": ("】", "{", "}"),
    "〔": ("〕", "{", "}"),
    "［": ("］", "{", "}"),
}
#: Marks that begin a comment elsewhere.
COMMENTS = ("//", "/*", "--", "＃", "<!--", "※", "%%")
