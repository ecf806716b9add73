import type { EventBus } from '../../core/event-bus.ts';
import type { FindingKind, KernelFinding } from '../../core/finding.ts';

/** A list that grows with every finding on the bus, but for those that are to be expected. */
export function collectFindings(
  bus: EventBus,
  expected: readonly FindingKind[] = [],
): readonly KernelFinding[] {
  const findings: KernelFinding[] = [];
  bus.subscribe((event) => {
    if (event.type === 'finding' && !expected.includes(event.finding.kind)) findings.push(event.finding);
  });
  return findings;
}
