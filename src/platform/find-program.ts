import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The absolute path of an executable, looked up as a shell would; undefined when there is none. */
export function findProgram(name: string, path: string | undefined = process.env.PATH): string | undefined {
  const candidates = name.includes('/') ? [resolve(name)] : directories(path).map((dir) => join(dir, name));
  return candidates.find(isExecutable);
}

/** sbin is not on an ordinary user's PATH on Debian, and mke2fs and friends live there. */
function directories(path: string | undefined): string[] {
  const listed = (path ?? '').split(delimiter).filter((dir) => dir !== '');
  return [...listed, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
