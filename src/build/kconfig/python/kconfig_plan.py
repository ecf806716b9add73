"""Finds lines for a fragment that make an expression of Kconfig hold, and tries them."""

from kconfiglib import AND, BOOL, EQUAL, NOT, OR, TRISTATE, UNEQUAL, Choice, Symbol, expr_str, expr_value, split_expr

TRI = {"n": 0, "m": 1, "y": 2}
TEXT = "nmy"
DEPTH = 16
# Visits of symbols in one search: a tree's graph is large and full of alternatives.
BUDGET = 20_000
ROUNDS = 5


class Step:
    def __init__(self, name, needs, was, add, sets=None):
        self.name, self.needs, self.was, self.add = name, needs, was, add
        # (symbol, value) to set; None when only others can set it.
        self.sets = sets


def line(name, value):
    return f"# CONFIG_{name} is not set" if value == "n" else f"CONFIG_{name}={value}"


class Planner:
    def __init__(self, kconf):
        self.kconf = kconf
        self.busy = set()
        self.budget = BUDGET

    def fulfil(self, expression, sym, value):
        """Steps, innermost first, that make `expression` hold so that `sym` takes `value`; and whether it then does."""
        want = max(TRI.get(value, 1), 1)
        plain = value[1:-1] if value.startswith('"') else value
        steps = {}
        # What one step switches on can forbid what another one needs: then there is more to do.
        for _ in range(ROUNDS):
            more = self.need(expression, want)
            known = len(steps)
            for step in self.blockers(expression, want) if more is None else more:
                steps.setdefault((step.name, step.needs), step)
            if more is None:
                break
            for step in more:
                if step.sets is not None:
                    step.sets[0].set_value(step.sets[1])
            sym.set_value(TRI[value] if sym.orig_type in (BOOL, TRISTATE) else plain)
            if sym.str_value == plain:
                return list(steps.values()), True
            if len(steps) == known:
                break
        return list(steps.values()), False

    def blockers(self, expression, want):
        """The parts that do not hold, when not all of them can be mended."""
        found = []
        for part in split_expr(expression, AND):
            if expr_value(part) >= want:
                continue
            steps = self.need(part, want)
            found += steps if steps is not None else [Step(expr_str(part), TEXT[want], TEXT[expr_value(part)], [])]
        return found

    def need(self, expression, want):
        """Steps after which `expression` is at least `want`; None when there are none."""
        if expr_value(expression) >= want:
            return []
        if isinstance(expression, Symbol):
            return self.guarded(expression, want, self.raised)
        if isinstance(expression, Choice):
            return cheapest(self.need(node.prompt[1], want) for node in expression.nodes if node.prompt)
        operator = expression[0]
        if operator is AND:
            return both(self.need(expression[1], want), lambda: self.need(expression[2], want))
        if operator is OR:
            return cheapest(self.need(part, want) for part in split_expr(expression, OR))
        if operator is NOT:
            return self.limit(expression[1], 2 - want)
        return self.compare(operator, expression[1], expression[2])

    def limit(self, expression, most):
        """Steps after which `expression` is at most `most`; None when there are none."""
        if expr_value(expression) <= most:
            return []
        if isinstance(expression, Symbol):
            return self.guarded(expression, most, self.lowered)
        if isinstance(expression, Choice):
            return None
        operator = expression[0]
        if operator is AND:
            return cheapest(self.limit(part, most) for part in split_expr(expression, AND))
        if operator is OR:
            return both(self.limit(expression[1], most), lambda: self.limit(expression[2], most))
        if operator is NOT:
            return self.need(expression[1], 2 - most)
        negated = {EQUAL: UNEQUAL, UNEQUAL: EQUAL}.get(operator)
        return None if negated is None else self.compare(negated, expression[1], expression[2])

    def guarded(self, sym, value, plan):
        self.budget -= 1
        mark = (sym, plan.__name__)
        if self.budget < 0 or len(self.busy) > DEPTH or mark in self.busy or sym.is_constant or not sym.nodes:
            return None
        if sym.orig_type not in (BOOL, TRISTATE):
            return None
        self.busy.add(mark)
        try:
            return plan(sym, value)
        finally:
            self.busy.remove(mark)

    def raised(self, sym, want):
        value = 2 if sym.orig_type == BOOL else want
        own = Step(sym.name, TEXT[value], sym.str_value, [line(sym.name, TEXT[value])], (sym, value))
        asked = cheapest(
            both(self.need(node.prompt[1], want), lambda: [own]) for node in sym.nodes if node.prompt is not None
        )
        if asked is not None:
            return asked
        ways = split_expr(sym.rev_dep, OR) + [(AND, given, condition) for given, condition in sym.defaults]
        steps = cheapest(self.need(way, want) for way in ways)
        if steps is None:
            return None
        lines = [text for step in steps for text in step.add if step.sets is not None]
        return steps + [Step(sym.name, TEXT[value], sym.str_value, lines)]

    def lowered(self, sym, most):
        if sym.choice is not None and sym.choice.selection is sym:
            return cheapest(self.need(other, 2) for other in sym.choice.syms if other is not sym)
        own = Step(sym.name, TEXT[most], sym.str_value, [line(sym.name, TEXT[most])], (sym, most))
        if any(node.prompt is not None and expr_value(node.prompt[1]) for node in sym.nodes):
            asked = both(self.limit(sym.rev_dep, most), lambda: [own])
            if asked is not None:
                return asked
        return both(self.limit(sym.rev_dep, most), lambda: self.limit(sym.direct_dep, most))

    def compare(self, operator, left, right):
        if right.__class__ is Symbol and left.is_constant and not right.is_constant:
            left, right = right, left
        if left.orig_type in (BOOL, TRISTATE) and right.str_value in TRI:
            wanted = TRI[right.str_value]
            if operator is EQUAL:
                return self.limit(left, 0) if wanted == 0 else self.need(left, wanted)
            if operator is UNEQUAL and wanted != 1:
                return self.need(left, 1) if wanted == 0 else self.limit(left, 1)
            return None
        if operator is not EQUAL or left.is_constant or not right.is_constant:
            return None
        prompts = [node.prompt[1] for node in left.nodes if node.prompt is not None]
        text = right.str_value
        quoted = f'"{text}"' if left.orig_type not in (BOOL, TRISTATE) and not text.lstrip("-").isalnum() else text
        own = Step(left.name, text, left.str_value, [line(left.name, quoted)], (left, text))
        return cheapest(both(self.need(prompt, 1), lambda: [own]) for prompt in prompts)


def both(first, second):
    if first is None:
        return None
    rest = second()
    return None if rest is None else first + rest


def cheapest(plans):
    return min((plan for plan in plans if plan is not None), key=cost, default=None)


def cost(steps):
    return len({step.sets for step in steps if step.sets is not None})
