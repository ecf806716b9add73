import { Failure } from '../core/failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

const NAMES: Readonly<Record<(typeof SIGNALS)[number], string>> = {
  SIGINT: 'Cancelled by Ctrl-C (SIGINT).',
  SIGTERM: 'Cancelled by SIGTERM.',
  SIGHUP: 'Cancelled: the terminal was closed (SIGHUP).',
  SIGUSR2: 'Cancelled: what was running has been saved again.',
};

export function cancelledFailure(message: string): Failure {
  return new Failure({ kind: 'cancelled', code: 'cancelled', message });
}

/**
 * The first signal aborts, so that everything is put away in order; a second Ctrl-C or SIGTERM calls `kill`. SIGUSR2
 * is what `run --watch` sends. Disposing gives the signals back to their defaults.
 */
export function cancelOnSignals(controller: AbortController, kill: () => void): Disposable {
  let asked = false;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (asked && (name === 'SIGINT' || name === 'SIGTERM')) kill();
      asked = true;
      controller.abort(cancelledFailure(NAMES[name]));
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    [Symbol.dispose]: () => {
      for (const [name, listener] of listeners) process.removeListener(name, listener);
    },
  };
}
