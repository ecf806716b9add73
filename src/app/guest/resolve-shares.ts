import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  badShare,
  guestPath,
  orderShares,
  parseShare,
  quote,
  type ShareSpec,
} from '../../core/share-spec.ts';
import { shellWord } from '../../core/shell-word.ts';
import { meantPath } from '../../platform/near-path.ts';

/** The shares of a request: what `--share` (or the library's `share`) says, or the current directory. Throws `Failure` usage/bad-share. */
export function resolveShares(texts: readonly string[] | undefined, cwd: string): ShareSpec[] {
  if (texts) return orderShares(texts.map((text) => resolveShare(text, cwd)));
  return [resolveShare(cwd, cwd, { host: cwd, readOnly: false })];
}

function resolveShare(text: string, cwd: string, share = parseShare(text)): ShareSpec {
  const absolute = resolve(cwd, share.host);
  checkDirectory(share.host, absolute);
  return {
    host: realpathSync(absolute),
    guest: share.guest ?? guestPath(absolute),
    readOnly: share.readOnly,
  };
}

function checkDirectory(given: string, absolute: string): void {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(absolute).isDirectory();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw badShare(
        `The directory to share, ${quote(given)}, does not exist.`,
        meantPath(absolute, `Run: mkdir -p ${shellWord(absolute)}`),
      );
    }
    throw badShare(`The directory to share, ${quote(given)}, cannot be used: ${message}.`);
  }
  if (!isDirectory) {
    throw badShare(
      `${quote(given)} is not a directory, and only directories can be shared.`,
      'Share the directory that it is in.',
    );
  }
}
