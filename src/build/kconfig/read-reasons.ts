import { parseKconfig } from '../kernel/kconfig.ts';
import type { Unfulfilled } from './compare-config.ts';
import {
  type Expression,
  evaluate,
  parseExpression,
  showExpression,
  tristate,
} from './kconfig-expression.ts';
import { readKconfigFiles, type SymbolText } from './kconfig-files.ts';
import { nearestSymbol } from './nearest-symbol.ts';
import type { DroppedOption, MissingDependency } from './request.ts';

type Reason = DroppedOption['reason'];

const DEPTH = 12;

/**
 * Why requests came out otherwise, by a simple reading of the Kconfig files of the tree: it finds symbols that do not exist,
 * dependencies that do not hold, and who selects. What it says to add has not been tried.
 */
export function readReasons(tree: string, config: string, unfulfilled: readonly Unfulfilled[]): Reason[] {
  const symbols = readKconfigFiles(tree);
  const values = parseKconfig(config);
  const lookUp = (name: string) => values.get(`CONFIG_${name}`) ?? 'n';
  return unfulfilled.map(({ request, actual }) => {
    const symbol = symbols.get(request.symbol);
    if (symbol === undefined) {
      const nearest = nearestSymbol(request.symbol, [...symbols.keys()]);
      return { kind: 'unknown', ...(nearest !== undefined && { nearest }) };
    }
    const by = symbol.selectedBy.filter((name) => lookUp(name) !== 'n');
    if (tristate(actual) > tristate(request.value) && by.length > 0) return { kind: 'selected', by };
    if (!symbol.hasPrompt) return { kind: 'no-prompt', selectedBy: symbol.selectedBy, add: [] };
    const loadable = request.value === 'm' ? ['MODULES'] : [];
    const conditions = symbol.conditions.map((texts) => parseAll([...loadable, ...texts]));
    const failing = conditions.filter((parts) => parts.some((part) => evaluate(part, lookUp) === 0));
    if (failing.length < conditions.length || failing[0] === undefined) {
      return { kind: 'other', text: "The tree's own Kconfig does not take it, and does not say why." };
    }
    const missing = missingParts(failing[0], { symbols, lookUp, seen: new Set([request.symbol]) });
    return { kind: 'dependency', expression: showExpression({ kind: 'and', parts: failing[0] }), missing };
  });
}

interface Walk {
  readonly symbols: ReadonlyMap<string, SymbolText>;
  readonly lookUp: (name: string) => string;
  readonly seen: Set<string>;
}

function missingParts(parts: readonly Expression[], walk: Walk): MissingDependency[] {
  return parts
    .filter((part) => evaluate(part, walk.lookUp) === 0)
    .flatMap((part) => {
      if (part.kind !== 'symbol') return [{ symbol: showExpression(part), needs: 'y', is: 'n', add: [] }];
      if (walk.seen.has(part.name) || walk.seen.size > DEPTH) return [];
      walk.seen.add(part.name);
      const symbol = walk.symbols.get(part.name);
      const inner =
        symbol?.conditions[0] === undefined ? [] : missingParts(parseAll(symbol.conditions[0]), walk);
      const add = symbol?.hasPrompt ? [`CONFIG_${part.name}=y`] : [];
      return [...inner, { symbol: part.name, needs: 'y', is: walk.lookUp(part.name), add }];
    });
}

/** All the parts that must hold, none of them an `and`. */
function parseAll(conditions: readonly string[]): Expression[] {
  return conditions.flatMap((text) => {
    const expression = parseExpression(text);
    if (expression === undefined) return [];
    return expression.kind === 'and' ? expression.parts : [expression];
  });
}
