import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Failure } from '../../core/failure.ts';
import { findProgram } from '../../platform/find-program.ts';

const SUBORDINATE_IDS = 65536;
const SUBORDINATE_FILES = [
  { file: '/etc/subuid', option: '--add-subuids' },
  { file: '/etc/subgid', option: '--add-subgids' },
];

/** How this user can make a Debian root. Throws `Failure` host with the command that mends it when they cannot. */
export function debootstrapMode(): 'root' | 'unshare' {
  const { uid, username } = userInfo();
  if (findProgram('mmdebstrap') === undefined) {
    throw cannot('mmdebstrap-missing', 'mmdebstrap is not installed', 'apt-get install mmdebstrap');
  }
  if (uid === 0) return 'root';
  if (findProgram('newuidmap') === undefined) {
    throw cannot('newuidmap-missing', 'newuidmap is not installed', 'apt-get install uidmap');
  }
  const lacking = SUBORDINATE_FILES.filter(({ file }) => !hasSubordinateIds(readText(file), username, uid));
  if (lacking.length === 0) return 'unshare';
  const files = lacking.map(({ file }) => file).join(' and ');
  const options = lacking.map(({ file, option }) => `${option} ${freeRange(readText(file))}`);
  throw cannot(
    'no-subordinate-ids',
    `${username} has no range of ${SUBORDINATE_IDS} ids in ${files}`,
    `usermod ${options.join(' ')} ${username}`,
  );
}

/** Whether a line `NAME-OR-UID:FIRST:COUNT` gives the user enough; see subuid(5). */
export function hasSubordinateIds(text: string, username: string, uid: number): boolean {
  return ranges(text).some(
    ({ owner, count }) => (owner === username || owner === String(uid)) && count >= SUBORDINATE_IDS,
  );
}

/** `FIRST-LAST` of ids that nobody in the file has. */
export function freeRange(text: string): string {
  const first = Math.max(100_000, ...ranges(text).map((range) => range.first + range.count));
  return `${first}-${first + SUBORDINATE_IDS - 1}`;
}

function ranges(text: string) {
  return text.split('\n').flatMap((line) => {
    const [owner = '', first = '', count = ''] = line.trim().split(':');
    return /^\d+$/.test(first) && /^\d+$/.test(count)
      ? [{ owner, first: Number(first), count: Number(count) }]
      : [];
  });
}

function cannot(code: string, why: string, command: string): Failure {
  return new Failure({
    kind: 'host',
    code,
    message: `Cannot make the build root: ${why}.`,
    hint: `Run: sudo ${command}`,
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
