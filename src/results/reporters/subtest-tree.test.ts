import { describe, expect, it } from 'vitest';
import { type SubtestNode, subtestTree } from './subtest-tree.ts';
import { subtest } from './suite-result.fixture.ts';

/** `a(b, c)`, with a `!` for a result of its own. */
function shown(nodes: readonly SubtestNode[]): string {
  return nodes
    .map(({ name, own, children }) => {
      const inner = children.length === 0 ? '' : `(${shown(children)})`;
      return `${name}${own ? '!' : ''}${inner}`;
    })
    .join(', ');
}

describe('the tree of subtests', () => {
  it('has groups for what paths share, in their order', () => {
    const tree = subtestTree(
      [['a', 'b', 'c'], ['a', 'b', 'd'], ['a', 'e'], ['f'], ['a', 'g']].map((path) => subtest(path)),
    );
    expect(shown(tree)).toBe('a(b(c!, d!), e!), f!, a(g!)');
  });

  it('gives a group the result after it that says more than is in it', () => {
    const failed = { outcome: 'failed' } as const;
    expect(shown(subtestTree([subtest(['a', 'b']), subtest(['a'], failed)]))).toBe('a!(b!)');
    expect(shown(subtestTree([subtest(['a', 'b'], failed), subtest(['a'], failed)]))).toBe('a(b!), a!');
    expect(shown(subtestTree([subtest(['a', 'b']), subtest(['a']), subtest(['a', 'c'])]))).toBe(
      'a(b!), a!, a(c!)',
    );
  });
});
