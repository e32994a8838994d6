"""Policy sets of any size, for the benchmarks: national rules and one policy for each pooling area.

In: a number of areas, a kind, a seed. Out: policy files in a folder. The same arguments give the same bytes.

* `templates`: the areas of a province share its rules, each with a few figures of its own, as in reality.
* `distinct`: no two areas share a figure.

Each area has 25 rules: permits by relation and kind of expense up to an amount, forbids above it (so that
"never in conflict" needs a proof and is not syntactically evident), requirements, parameters with a change
of value, a row of a benefit table, and a rule of its own as the beneficiary's side. Every tenth area has one
rule that contradicts another.

    python benchmarks/generate.py FOLDER --areas 400 --kind templates
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

AREAS_A_PROVINCE = 16
RULES_AN_AREA = 25

RELATIONS = ["spouse", "parent", "child", "sibling", "grandparent", "in_law"]
EXPENSES = ["outpatient", "inpatient", "maternity", "drug", "device", "premium", "fitness"]
LEVELS = ["level1", "level2", "level3", "pharmacy"]

VOCABULARY = f"""region 100000 "全国"
regions "regions.csv"

enum relation_kind {{ self, {", ".join(RELATIONS)} }}
enum scheme_kind {{ employee, resident, none_at_all }}
enum status_kind {{ normal, arrears, ended }}
enum expense_kind {{ {", ".join(EXPENSES)} }}
enum level_kind {{ {", ".join(LEVELS)} }}
enum way_kind {{ link, wallet }}

record payer {{
  fact region  : region
  fact scheme  : scheme_kind usual employee
  fact status  : status_kind usual normal
  fact age     : int 0..120 usual 45
  fact balance : money 0元..100000元 usual 5000元
  fact links   : int 0..100 usual 1
}}
record beneficiary {{
  fact region : region usual payer.region
  fact scheme : scheme_kind usual resident
  fact status : status_kind usual normal
  fact age    : int 0..120 usual 45
}}
fact relation : relation_kind usual parent
fact way : way_kind usual link
record expense {{
  fact kind   : expense_kind usual outpatient
  fact amount : money 0元..100000元 usual 100元
  fact level  : level_kind usual level2
}}
fact filed : boolean arrangeable usual true
fact date : date 2022-01-01..2028-12-31

parameter link_cap : int 0..100
parameter ratio : percent
parameter limit : money

decision pay governed by payer.region as paying, beneficiary.region as receiving

axiom same_person: relation is self implies (payer.region is beneficiary.region and payer.age is beneficiary.age)
axiom grown_up: relation is spouse implies (payer.age >= 20 and beneficiary.age >= 20)
axiom no_account: payer.scheme is not employee implies payer.balance is 0元

ranks national > municipal > assumption

define same_province = payer.region.province is beneficiary.region.province
define paid = min(expense.amount * payer.region.ratio, payer.region.limit)

policy national for 100000 {{
  source law rank national dated 2022-01-01 {{
    clause own "本人可用" clause sports "不得用于健身" clause account "须有账户"
    clause caps "人数、比例、限额" clause across "跨省须经钱包" clause receive "受益一侧可以接受"
  }}
  source closed_world rank assumption {{ clause closed "其余不准" }}
  default set link_cap = 5 cite law.caps
  default set ratio = 50% cite law.caps
  default set limit = 1000元 cite law.caps
  default forbid pay closed cite closed_world.closed
  permit pay own when relation is self and expense.kind is not fitness cite law.own
  forbid pay sports when expense.kind is fitness cite law.sports
  forbid pay across when not same_province and way is link cite law.across
  require pay account: payer.scheme is employee cite law.account
  require pay below_cap: payer.links < payer.region.link_cap cite law.caps
  require pay sums: paid <= 100000元 cite law.caps
  receiving {{
    default permit pay receive cite law.receive
    require pay insured: beneficiary.status is not ended cite law.receive
  }}
}}
"""


def regions(areas: int) -> Iterator[tuple[str, str, str]]:
    """Code, name and parent of each province and of the areas below it."""
    for area in range(areas):
        province, place = divmod(area, AREAS_A_PROVINCE)
        code = 110000 + province * 1000
        if place == 0:
            yield f"{code}", f"省{province}", "100000"
        yield f"{code + place + 1}", f"市{area}", f"{code}"


def policy(code: str, area: int, figures: random.Random, own: random.Random) -> str:
    """The policy of one area: it shares `figures` with its province and has `own` for itself."""
    lines = [f"policy area{area} for {code} from 202{figures.randint(2, 4)}-0{figures.randint(1, 9)}-01 {{"]
    clauses = " ".join(f'clause c{number} "第{number}条"' for number in range(RULES_AN_AREA))
    lines.append(f"  source rules rank municipal dated 2022-0{figures.randint(1, 9)}-01 {{ {clauses} }}")
    rules: list[str] = []
    limits: list[tuple[str, str, int]] = []
    pairs = [(relation, kind) for relation in RELATIONS for kind in EXPENSES if kind != "fitness"]
    for number, (relation, kind) in enumerate(figures.sample(pairs, 9)):
        limit = figures.randint(10, 900) * 100 + (own.randint(0, 99) if number < 3 else 0)
        limits.append((relation, kind, limit))
        reach = "way is wallet" if number % 2 else "same_province"
        rules.append(
            f"permit pay p{number} when relation is {relation} and expense.kind is {kind}"
            f" and expense.amount <= {limit}元 and {reach}"
        )
    for number, (relation, kind, limit) in enumerate(limits[:5]):
        over = limit if area % 10 or number else limit - 5
        rules.append(
            f"forbid pay f{number} when relation is {relation} and expense.kind is {kind}"
            f" and expense.amount > {over}元 and payer.age < {figures.randint(60, 99)}"
        )
    level = figures.choice(LEVELS)
    rules += [
        f"require pay r0: filed when expense.level is {level}",
        "require pay r1: payer.status is normal",
        f"set link_cap = {figures.randint(2, 9)} until 2024-12-31",
        f"set link_cap = {own.randint(10, 99)} from 2025-01-01",
        f"set ratio = {figures.randint(51, 90)}% when expense.kind is inpatient",
        f"set ratio = {figures.randint(31, 49)}% when expense.kind is not inpatient",
        f"set limit = {figures.randint(1001, 9000)}元",
    ]
    cited = [f"  {rule} cite rules.c{number}" for number, rule in enumerate(rules)]
    lines += cited
    first = len(rules)
    lines.append(
        f"  receiving {{ require pay paid_for: expense.amount > {own.randint(1, 99)}元"
        f" when beneficiary.scheme is none_at_all cite rules.c{first}"
        f" require pay grown: beneficiary.age >= {figures.randint(1, 9)} when expense.kind is maternity"
        f" cite rules.c{first + 1} }}"
    )
    lines.append(f"  receiving {{ forbid pay sports when expense.kind is fitness cite rules.c{first + 2} }}")
    lines.append(
        f"  require pay old: payer.age >= {figures.randint(16, 20)} when way is wallet cite rules.c{first + 3}"
    )
    assert first + 4 == RULES_AN_AREA
    return "\n".join([*lines, "}", ""])


def write(folder: Path, areas: int, kind: str, seed: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(regions(areas))
    table = "\n".join(["code,name,parent", *(",".join(row) for row in rows)])
    (folder / "regions.csv").write_text(table + "\n", encoding="utf-8")
    (folder / "national.policy").write_text(VOCABULARY, encoding="utf-8")
    codes = [code for code, name, _ in rows if name.startswith("市")]
    for area, code in enumerate(codes):
        shared = area // AREAS_A_PROVINCE if kind == "templates" else area
        figures, own = random.Random(f"{seed} {shared}"), random.Random(f"{seed} own {area}")
        (folder / f"area{area:03}.policy").write_text(policy(code, area, figures, own), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--areas", type=int, default=400)
    parser.add_argument("--kind", choices=["templates", "distinct"], default="templates")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.areas, arguments.kind, arguments.seed)


if __name__ == "__main__":
    main()
