import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/nearest.ts';
import { runIds } from './latest-link.ts';

/** A run by its id, by the beginning or end of one that only one run has, or `latest`. Throws `Failure` usage/no-such-run. */
export function findRun(runsDir: string, wanted: string): string {
  const ids = runIds(runsDir);
  const [newest] = ids;
  if (newest === undefined) {
    throw noSuchRun(
      'There are no runs in this directory.',
      'Runs are recorded where `devbox run` was typed, in .devbox/runs.',
    );
  }
  if (wanted === 'latest') return newest;
  if (ids.includes(wanted)) return wanted;
  const matching = ids.filter((id) => id.startsWith(wanted) || id.endsWith(`-${wanted}`));
  if (matching.length === 1) return matching[0] as string;
  if (matching.length > 1) {
    throw noSuchRun(
      `"${wanted}" stands for ${matching.length} runs.`,
      `The newest of them is ${matching[0]}.`,
    );
  }
  const meant = nearest(wanted, ids) ?? newest;
  throw noSuchRun(
    `There is no run "${wanted}". Did you mean "${meant}"?`,
    '`devbox runs list` shows them all.',
  );
}

function noSuchRun(message: string, hint: string): Failure {
  return new Failure({ kind: 'usage', code: 'no-such-run', message, hint });
}
