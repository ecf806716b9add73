import { parseKconfig } from '../kernel/kconfig.ts';
import type { ConfigRequest } from './request.ts';

export interface Unfulfilled {
  readonly request: ConfigRequest;
  readonly actual: string;
}

/** The requests that a resolved .config does not fulfil. What is not in it is `n`, whether or not the tree knows it. */
export function findUnfulfilled(requests: readonly ConfigRequest[], config: string): Unfulfilled[] {
  const values = parseKconfig(config);
  return requests.flatMap((request) => {
    const actual = values.get(`CONFIG_${request.symbol}`) ?? 'n';
    return isSame(request.value, actual) ? [] : [{ request, actual }];
  });
}

export interface ConfigDifference {
  /** Without `CONFIG_`. */
  readonly symbol: string;
  /** `n` when it is not set there. */
  readonly a: string;
  readonly b: string;
}

/** What differs between two .config files, by name. */
export function diffConfig(a: string, b: string): ConfigDifference[] {
  const [left, right] = [parseKconfig(a), parseKconfig(b)];
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((name) => {
    const values = { a: left.get(name) ?? 'n', b: right.get(name) ?? 'n' };
    return values.a === values.b ? [] : [{ symbol: name.replace(/^CONFIG_/, ''), ...values }];
  });
}

/** A number may be written in several ways, and a text that nobody reads is empty. */
function isSame(wanted: string, actual: string): boolean {
  if (wanted === actual || (wanted === '""' && actual === 'n')) return true;
  const isNumber = (text: string) => /^(?:-?\d+|0[xX][\da-fA-F]+)$/.test(text);
  return isNumber(wanted) && isNumber(actual) && Number(wanted) === Number(actual);
}
