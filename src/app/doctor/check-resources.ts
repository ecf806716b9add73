import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';
import { cacheDir, runtimeDir } from '../../platform/paths.ts';
import { type Check, type CheckContext, missing, ok, warning } from './check.ts';

/** Build root, guest image and kernel, with what making them takes. */
const FIRST_TIME_BYTES = 4 * 2 ** 30;
const LATER_BYTES = 2 ** 30;
/** A guest of the default size and QEMU. */
const MEMORY_BYTES = 1.25 * 2 ** 30;

export function checkDisk(): Check {
  const dir = cacheDir();
  const { bavail, bsize } = statfsSync(nearestExisting(dir));
  const free = bavail * bsize;
  const isFirst = !existsSync(join(dir, 'store'));
  const needed = isFirst ? FIRST_TIME_BYTES : LATER_BYTES;
  const detail = `${formatBytes(free)} free for ${dir}`;
  if (free >= needed) return ok('disk', 'Disk', detail);
  const short = `${detail}; ${formatBytes(needed)} are needed${isFirst ? ' the first time' : ''}`;
  const elsewhere = 'export DEVBOX_CACHE=/a/directory/with/room';
  return isFirst
    ? missing('disk', 'Disk', short, elsewhere)
    : warning('disk', 'Disk', short, `devbox gc --max-size 4G, or ${elsewhere}`);
}

export function checkMemory(meminfo: string = readFileSync('/proc/meminfo', 'utf8')): Check {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo);
  if (!match) return ok('memory', 'Memory', 'unknown', false);
  const available = Number(match[1]) * 1024;
  const detail = `${formatBytes(available)} available`;
  if (available >= MEMORY_BYTES) return ok('memory', 'Memory', detail);
  return warning(
    'memory',
    'Memory',
    `${detail}; a default guest takes ${formatBytes(MEMORY_BYTES)}`,
    'devbox run --memory 512M …, or end something else first',
  );
}

export function checkCache({ username }: CheckContext): Check {
  const dir = cacheDir();
  const existing = nearestExisting(dir);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    return ok('cache', 'Cache directory', dir);
  } catch {
    return missing(
      'cache',
      'Cache directory',
      `${username} cannot write to ${existing}`,
      `sudo chown -R ${username} ${existing}   (or set DEVBOX_CACHE)`,
    );
  }
}

export function checkRuntime(): Check {
  try {
    return ok('runtime', 'Socket directory', runtimeDir());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return missing('runtime', 'Socket directory', error.message, error.hint ?? 'Set XDG_RUNTIME_DIR');
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === '/' ? path : nearestExisting(dirname(path));
}
