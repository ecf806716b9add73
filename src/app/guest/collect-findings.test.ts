import { expect, it } from 'vitest';
import { createEventBus } from '../../core/event-bus.ts';
import type { FindingKind } from '../../core/finding.ts';
import { collectFindings } from './collect-findings.ts';

it('collects what the kernel says, but for what is expected of it', () => {
  const bus = createEventBus([]);
  const all = collectFindings(bus);
  const others = collectFindings(bus, ['scheduler-ejected']);
  const kinds: readonly FindingKind[] = ['scheduler-ejected', 'warning', 'panic'];
  for (const kind of kinds) bus.emit({ type: 'finding', finding: { kind, title: kind, lines: [], t: 0 } });
  expect(all.map(({ kind }) => kind)).toEqual(kinds);
  expect(others.map(({ kind }) => kind)).toEqual(['warning', 'panic']);
});
