import type { SubtestResult } from '../../core/test-result.ts';

type SubtestOutcome = SubtestResult['outcome'];

/** Subtests as they are nested. */
export interface SubtestNode {
  readonly name: string;
  /** Its own result; undefined when its children say it all. */
  readonly own?: SubtestResult;
  readonly children: readonly SubtestNode[];
}

interface OpenNode {
  readonly name: string;
  own?: SubtestResult;
  readonly children: OpenNode[];
}

/** Of a list in the order in which they ended: a test after those that are nested in it. */
export function subtestTree(subtests: readonly SubtestResult[]): readonly SubtestNode[] {
  const root: OpenNode = { name: '', children: [] };
  /** The group that the latest result was in, from the outside in. */
  const open: OpenNode[] = [root];
  for (const subtest of subtests) {
    const { path } = subtest;
    let shared = 0;
    while (shared < path.length && open[shared + 1]?.name === path[shared]) shared += 1;
    const group = shared === path.length ? open[shared] : undefined;
    if (group && saysMore(subtest, group)) {
      group.own = subtest;
      open.length = shared;
      continue;
    }
    open.length = Math.min(shared, path.length - 1) + 1;
    for (const name of path.slice(open.length - 1, -1)) {
      const inner: OpenNode = { name, children: [] };
      open.at(-1)?.children.push(inner);
      open.push(inner);
    }
    open.at(-1)?.children.push({ name: path.at(-1) ?? '', own: subtest, children: [] });
  }
  return root.children;
}

export function nodeOutcome({ own, children }: SubtestNode): SubtestOutcome {
  return own?.outcome ?? (outcomesIn(children).includes('failed') ? 'failed' : 'passed');
}

function outcomesIn(nodes: readonly SubtestNode[]): SubtestOutcome[] {
  return nodes.flatMap(({ own, children }) => [...(own ? [own.outcome] : []), ...outcomesIn(children)]);
}

/** Whether a result is that of the group before it, and not of another test with the same name. */
function saysMore({ outcome }: SubtestResult, group: SubtestNode): boolean {
  const nested = outcomesIn(group.children);
  switch (outcome) {
    case 'passed':
      return false;
    case 'failed':
      return !nested.includes('failed');
    case 'todo':
      return !nested.includes('failed') && !nested.includes('todo');
    case 'skipped':
      return nested.some((inner) => inner !== 'skipped');
  }
}
