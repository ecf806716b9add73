import type { EventBus } from '../../core/event-bus.ts';
import type { KernelFinding } from '../../core/finding.ts';

/** A list that grows with every finding on the bus. */
export function collectFindings(bus: EventBus): readonly KernelFinding[] {
  const findings: KernelFinding[] = [];
  bus.subscribe((event) => {
    if (event.type === 'finding') findings.push(event.finding);
  });
  return findings;
}
