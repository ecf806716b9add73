import type { GuestOutput } from '../../core/event.ts';
import type { Paint } from './style.ts';

/** Who says a line. `!` marks standard error. */
export type Source = 'devbox' | 'console' | 'agent' | 'agent!' | 'workload' | 'workload!';

export const SOURCE_WIDTH = 9;

export const SOURCE_PAINT: Readonly<Record<Source, Paint>> = {
  devbox: 'strong',
  console: 'blue',
  agent: 'cyan',
  'agent!': 'warning',
  workload: 'magenta',
  'workload!': 'warning',
};

export function sourceOf({ stream, fd }: GuestOutput): Source {
  if (stream === 'workload') return fd === 1 ? 'workload' : 'workload!';
  return stream === 'agent-stdout' ? 'agent' : 'agent!';
}
