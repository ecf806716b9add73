"""Says why options of a kernel configuration did not come out as they were asked for.

Runs in the build environment, by kconfiglib, once make has resolved the configuration:

    explain.py ENVIRONMENT REQUESTS CONFIG ANSWER

ENVIRONMENT is what make gives to Kconfig (NAME=value, each ended by NUL), REQUESTS a JSON array of {symbol, value, actual},
CONFIG the resolved .config. ANSWER is written: JSON with a `reason` for each request, shaped as in request.ts, and `symbols`,
all that are defined, when a request names one that is not.
"""

import json
import os
import re
import sys

import kconfiglib
from kconfiglib import AND, BOOL, HEX, INT, OR, STRING, TRISTATE, expr_str, expr_value, split_expr

from kconfig_plan import Planner
from newer_kconfig import NewerKconfig

NAMES = {BOOL: "y or n", TRISTATE: "y, m or n", INT: "a whole number", HEX: "a number like 0x10", STRING: "a text in double quotes"}
VALUES = {
    BOOL: r"[yn]",
    TRISTATE: r"[ymn]",
    INT: r"-?[0-9]+",
    HEX: r"(0[xX])?[0-9a-fA-F]+",
    STRING: r'".*"',
}
TRI = {"n": 0, "m": 1, "y": 2}
LIMIT = 30


def reason_for(kconf, request):
    sym = kconf.syms.get(request["symbol"])
    if sym is None or not sym.nodes:
        return {"kind": "unknown"}
    if sym.name in kconf.transitional:
        heirs = [other.name for other in kconf.unique_defined_syms if reads(other, sym)]
        return other(f"It is an old name that only hands its value on, to {' and '.join(heirs) or 'nobody'}: ask for that.")
    value = request["value"]
    if not re.fullmatch(VALUES.get(sym.orig_type, ".*"), value):
        return other(f"It takes {NAMES[sym.orig_type]}, not {value}.")
    if sym.orig_type in (BOOL, TRISTATE):
        return tristate_reason(kconf, sym, TRI[value], request)
    return value_reason(kconf, sym, value)


def tristate_reason(kconf, sym, want, request):
    is_too_low = TRI[request["actual"]] < want
    if not is_too_low and expr_value(sym.rev_dep) > want:
        return {"kind": "selected", "by": selectors(sym, active=True)}
    prompts = prompts_of(sym)
    if not prompts:
        return no_prompt(kconf, sym, want)
    condition = join(prompts)
    if want == 1:
        condition = (AND, kconf.modules, condition)
    if expr_value(condition) < max(want, 1):
        return dependency(kconf, condition, sym, request["value"])
    if sym.choice is not None:
        taken = sym.choice.selection
        if is_too_low and taken is not None and taken is not sym:
            return {"kind": "choice", "taken": taken.name}
        members = [member.name for member in sym.choice.syms if member is not sym and member.visibility]
        return other(f"One of its choice is always taken: ask for another, {' or '.join(members[:LIMIT])}.")
    return other("Its dependencies hold, yet the tree's own Kconfig does not take it.")


def value_reason(kconf, sym, value):
    prompts = prompts_of(sym)
    if not prompts:
        return no_prompt(kconf, sym, 2)
    condition = join(prompts)
    if expr_value(condition) == 0:
        return dependency(kconf, condition, sym, value)
    for low, high, given in sym.ranges:
        if expr_value(given):
            return other(f"It must lie between {low.str_value} and {high.str_value}.")
    return other("Its dependencies hold, yet the tree's own Kconfig does not take it.")


def dependency(kconf, expression, sym, value):
    """What to add so that `sym` comes out with `value`, tried on kconfiglib's model of the tree."""
    planner = Planner(kconf)
    steps, is_proven = planner.fulfil(expression, sym, value)
    missing = [
        {"symbol": step.name, "needs": step.needs, "is": step.was, "add": step.add if is_proven else []}
        for step in steps[:LIMIT]
    ]
    return {"kind": "dependency", "expression": expr_str(expression), "missing": missing}


def no_prompt(kconf, sym, want):
    planner = Planner(kconf)
    names = selectors(sym, active=False)
    answer = {"kind": "no-prompt", "selectedBy": names[:LIMIT], "add": []}
    if sym.orig_type in (BOOL, TRISTATE) and want > 0:
        steps, is_proven = planner.fulfil(sym, sym, "y" if want == 2 else "m")
        if is_proven:
            answer["add"] = list(dict.fromkeys(text for step in steps for text in step.add))
    return answer


def selectors(sym, active):
    found = []
    for clause in split_expr(sym.rev_dep, OR):
        if active and expr_value(clause) == 0:
            continue
        selector = clause[1] if isinstance(clause, tuple) else clause
        while isinstance(selector, tuple):
            selector = selector[1]
        if selector.__class__ is kconfiglib.Symbol and not selector.is_constant:
            found.append(selector.name)
    return list(dict.fromkeys(found))


def prompts_of(sym):
    return [node.prompt[1] for node in sym.nodes if node.prompt is not None]


def join(expressions):
    joined = expressions[0]
    for expression in expressions[1:]:
        joined = (OR, joined, expression)
    return joined


def reads(sym, name):
    return any(value is name for value, _condition in sym.defaults)


def other(text):
    return {"kind": "other", "text": text}


def main(environment, requests, config, answer):
    with open(environment, "rb") as file:
        for entry in file.read().split(b"\0"):
            name, separator, value = entry.decode(errors="surrogateescape").partition("=")
            if separator and name not in ("PWD", "OLDPWD", "_"):
                os.environ[name] = value
    kconf = NewerKconfig(os.path.join(os.environ["srctree"], "Kconfig"))
    with open(requests) as file:
        asked = json.load(file)
    reasons = []
    for request in asked:
        kconf.load_config(config)
        reasons.append(reason_for(kconf, request))
    result = {"reasons": reasons}
    if any(reason["kind"] == "unknown" for reason in reasons):
        result["symbols"] = [sym.name for sym in kconf.unique_defined_syms]
    with open(answer, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
