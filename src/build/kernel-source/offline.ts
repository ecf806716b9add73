import { Failure } from '../../core/failure.ts';

/** Says what would have been fetched, when no network may be used. */
export function refuseOffline(offline: boolean, what: string): void {
  if (!offline) return;
  throw new Failure({
    kind: 'build',
    code: 'offline',
    message: `${what} is not here, and would have to be fetched.`,
    hint: 'Run it once without --offline: what was fetched is kept.',
  });
}
