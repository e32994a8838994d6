"""Simplification keeps the meaning of terms: terms against their values, on all small assignments."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import pytest

from policyc.solver.formula.bitset import Simulation
from policyc.solver.formula.evaluate import Valuations
from policyc.solver.formula.factory import TermFactory
from policyc.solver.formula.intervals import intervals
from policyc.solver.formula.terms import (
    Linear,
    Node,
    Term,
    bottom_up,
    comparisons,
    number,
    parts,
    subterms,
    variables,
)
from tests.support.slow import mostly_slow

LOW, HIGH = -3, 4
NAMES = ("x", "y")
VALUES = [dict(zip(NAMES, pair, strict=True)) for pair in product(range(LOW, HIGH + 1), repeat=len(NAMES))]

#: A term, and the function of values that it should equal.
Said = tuple[Term, Callable[[dict[str, int]], bool]]


def comparison(factory: TermFactory, rng: random.Random) -> Said:
    """A comparison of a sum with zero: of one variable, mostly, or of two."""
    names = rng.choices(NAMES, k=rng.choice((1, 1, 1, 2)))
    factors = [rng.choice((-3, -2, -1, 1, 2, 3)) for _ in names]
    constant = rng.randint(-9, 9)
    total = number(constant)
    for name, factor in zip(names, factors, strict=True):
        total = total + factory.integer(name, LOW, HIGH).scaled(factor)

    def value(values: dict[str, int]) -> int:
        return constant + sum(f * values[n] for f, n in zip(factors, names, strict=True))

    if rng.random() < 0.3:
        return factory.equals(total, Linear((), 0)), lambda values: value(values) == 0
    return factory.at_most(total, Linear((), 0)), lambda values: value(values) <= 0


def condition(factory: TermFactory, rng: random.Random, depth: int) -> Said:
    if depth == 0:
        return comparison(factory, rng)
    if rng.random() < 0.2:
        term, says = condition(factory, rng, depth - 1)
        return factory.not_(term), lambda values: not says(values)
    parts = [condition(factory, rng, rng.randrange(depth)) for _ in range(rng.choice((2, 2, 3)))]
    terms, sayings = [term for term, _ in parts], [says for _, says in parts]
    if rng.random() < 0.5:
        return factory.and_(terms), lambda values: all(says(values) for says in sayings)
    return factory.or_(terms), lambda values: any(says(values) for says in sayings)


@pytest.mark.parametrize("seed", mostly_slow(range(300), 20))
def test_terms_say_what_they_were_built_from(seed: int) -> None:
    factory, rng, valuations = TermFactory(), random.Random(seed), Valuations()
    for _ in range(10):
        term, says = condition(factory, rng, rng.randint(1, 3))
        told = [valuations.truth(term, values) for values in VALUES]
        assert told == [says(values) for values in VALUES], term


@pytest.mark.parametrize("seed", mostly_slow(range(60), 20))
def test_intervals_hold_whatever_is_open(seed: int) -> None:
    """Of terms, choices and quotients, with nothing known, one number known, or all: no value lies outside, and where
    all is known nothing is left open."""
    factory, rng, valuations = TermFactory(), random.Random(seed), Valuations()
    terms = [condition(factory, rng, rng.randint(1, 3))[0] for _ in range(5)]
    x, y = (factory.integer(name, LOW, HIGH) for name in NAMES)
    chosen = factory.choose(
        terms[0], factory.quotient(x.scaled(5) + y, 3), factory.choose(terms[1], number(7), y.scaled(-2))
    )
    terms.append(factory.at_most(chosen + x, number(rng.randint(-5, 5))))
    settled = 0
    for known in ((), ("x",), ("y",), NAMES):
        for values in rng.sample(VALUES, 12):
            given = {name: values[name] for name in known}
            found = intervals(terms, given)
            agreeing = [other for other in VALUES if given.items() <= other.items()]
            for term in terms:
                low, high = found[term]
                truths = {valuations.truth(term, other) for other in agreeing}
                assert (not low or truths == {True}) and (high or truths == {False})
                settled += low == high
                if known == NAMES:
                    assert low == high
    assert settled


def test_what_leaves_a_number_no_value_is_no_question() -> None:
    factory = TermFactory()
    x = factory.integer("x", LOW, HIGH)

    def at_most(limit: int) -> Term:
        return factory.at_most(x, number(limit))

    assert factory.and_((at_most(1), factory.not_(at_most(1)))) is factory.false
    assert factory.and_((at_most(1), factory.at_most(number(2), x))) is factory.false
    assert factory.and_((at_most(1), factory.equals(x, number(2)))) is factory.false
    assert factory.and_((factory.equals(x, number(1)), factory.equals(x, number(2)))) is factory.false
    assert factory.equals(x.scaled(2), number(3)) is not factory.true
    assert factory.or_((at_most(2), factory.at_most(number(1), x))) is factory.true
    assert factory.or_((at_most(1), factory.at_most(number(2), x))) is factory.true
    assert factory.and_((at_most(1), factory.at_most(number(1), x))) is not factory.false


@pytest.mark.parametrize("seed", mostly_slow(range(20), 20))
def test_variants_are_looked_at_each_by_itself(seed: int) -> None:
    """A simulation of several variants gives for each the result of a simulation of it alone."""
    factory, rng = TermFactory(), random.Random(seed)
    switches = {name: factory.variable(name) for name in ("first", "second")}
    terms = [condition(factory, rng, 2)[0] for _ in range(6)]
    mixed = [
        factory.or_((factory.and_((rng.choice(list(switches.values())), one)), factory.not_(other)))
        for one, other in zip(terms, reversed(terms), strict=True)
    ]
    variants = [dict(zip(switches, truths, strict=True)) for truths in product((False, True), repeat=2)]
    columns = {name: [values[name] for values in VALUES] for name in NAMES}
    together = Simulation(columns, len(VALUES), variants)
    for place, variant in enumerate(variants):
        constant = {name: [int(truth)] * len(VALUES) for name, truth in variant.items()}
        alone = Simulation({**columns, **constant}, len(VALUES))
        for term in [*terms, *mixed]:
            assert together.within(together.mask(term), place) == alone.mask(term)


def test_each_part_is_visited_once_and_after_its_own() -> None:
    factory = TermFactory()
    x, y = (factory.integer(name, LOW, HIGH) for name in NAMES)
    chosen = factory.choose(factory.at_most(x, number(0)), y, x.scaled(2))
    whole = factory.and_(
        (factory.at_most(chosen, number(3)), factory.not_(factory.equals(chosen, y)), factory.variable("b"))
    )
    visited: list[Node] = []
    bottom_up([whole, whole], visited.append)
    assert len(visited) == len(set(visited))
    assert all(visited.index(part) < visited.index(node) for node in visited for part in parts(node))
    assert subterms([whole]) == visited
    assert variables([whole]) == {"x", "y", "b"}
    assert len(comparisons([whole])) == 3


def test_what_is_known_is_not_visited() -> None:
    factory = TermFactory()
    one, other = factory.variable("one"), factory.variable("other")
    whole = factory.or_((factory.not_(one), other))
    visited: list[Node] = []
    bottom_up([whole], visited.append, {factory.not_(one): None})
    assert visited == [other, whole]


def test_deep_terms_are_no_matter() -> None:
    factory = TermFactory()
    term = factory.variable("v")
    for number_ in range(20_000):
        pick = factory.and_ if number_ % 2 else factory.or_
        term = pick((term, factory.variable(f"v{number_}")))
    assert factory.not_(factory.not_(term)) is term
    assert not factory.arithmetic(term)
    assert Simulation({name: [1, 0] for name in variables([term])}, 2).mask(term) == 1
