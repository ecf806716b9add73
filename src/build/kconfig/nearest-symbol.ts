import { nearest } from '../../core/nearest.ts';

/**
 * The symbol that was most likely meant. A slip of the hand first: a letter, or where the underscores go. Then the shortest name
 * that has all the words: `SCHED_EXT` is `SCHED_CLASS_EXT`. Then what is near among those that
 * begin or end with the same word: there are some twenty thousand.
 */
export function nearestSymbol(word: string, symbols: readonly string[]): string | undefined {
  const typed = word.replace(/^CONFIG_/i, '').toUpperCase();
  const plain = squeeze(typed);
  const slip = symbols.find((symbol) => differsByOne(plain, squeeze(symbol)));
  if (slip !== undefined) return slip;
  const words = typed.split('_').filter((part) => part !== '');
  const withAll = symbols.filter((symbol) => hasInOrder(symbol.toUpperCase().split('_'), words));
  const shortest = withAll.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
  if (shortest !== undefined) return shortest;
  const [first, last] = [`${words[0]}_`, `_${words.at(-1)}`];
  return nearest(
    typed,
    symbols.filter((symbol) => symbol.startsWith(first) || symbol.endsWith(last)),
  );
}

function hasInOrder(parts: readonly string[], words: readonly string[]): boolean {
  let next = 0;
  for (const part of parts) if (part === words[next]) next += 1;
  return next === words.length;
}

function squeeze(symbol: string): string {
  return symbol.replaceAll('_', '').toUpperCase();
}

/** Whether a letter is changed, missing or too much, or two neighbours have changed places, or nothing differs. */
function differsByOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}
