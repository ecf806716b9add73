import { Failure } from '../../core/failure.ts';
import { canonicalJson } from '../../platform/store-key.ts';
import type { SourcePin } from './source.ts';

/** Throws `Failure` source-moved when a source came to something else than the lock file says, and says what moved. */
export function requirePinned(
  found: SourcePin,
  names: readonly string[],
  pin: SourcePin | undefined,
  what: string,
): void {
  if (pin === undefined) return;
  const moved = ['kind', ...names].find((name) => text(pin[name]) !== text(found[name]));
  if (moved === undefined) return;
  throw new Failure({
    kind: 'build',
    code: 'source-moved',
    message: `${what} is not what devbox.lock says: ${moved} was ${text(pin[moved])} and is ${text(found[moved])}.`,
    hint: 'Go back to that source, or build without --frozen to write the new one into devbox.lock.',
  });
}

function text(value: SourcePin[string] | undefined): string {
  if (value === undefined) return 'not known';
  return typeof value === 'string' ? value : canonicalJson(value);
}
