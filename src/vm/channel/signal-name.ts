import { constants } from 'node:os';

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .filter(([name]) => name !== 'SIGIOT' && name !== 'SIGPOLL' && name !== 'SIGUNUSED')
    .map(([name, number]) => [number, name]),
);

/** Both sides are Linux, so numbers mean the same. Real-time signals have no names. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `SIG${number}`;
}

export function signalNumber(signal: NodeJS.Signals | number): number {
  return typeof signal === 'number' ? signal : constants.signals[signal];
}
