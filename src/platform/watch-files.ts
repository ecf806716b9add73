import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../core/failure.ts';

/** Editors write a file in several steps; it is saved when nothing happened to it for so long. */
const QUIET_MS = 50;

export interface WatchOptions {
  /** Absolute paths; asked again after every change. */
  readonly files: () => readonly string[];
  /** Called after a save that changed the content of one of them; never for a file that is gone. */
  readonly onSave: (file: string) => void;
}

/**
 * Tells when files are saved. Watches their directories, because most editors put a new file in the place of the old
 * one. Throws `Failure` host/cannot-watch.
 */
export function watchFiles({ files, onSave }: WatchOptions): Disposable {
  const directories = new Map<string, FSWatcher>();
  let contents = new Map<string, string | undefined>();
  let timer: NodeJS.Timeout | undefined;

  const settle = () => {
    const before = contents;
    const wanted = files();
    follow(wanted);
    contents = readAll(wanted);
    const saved = wanted.find(
      (file) =>
        before.has(file) && contents.get(file) !== undefined && contents.get(file) !== before.get(file),
    );
    // A file that is away for a moment is compared with what it was.
    for (const [file, digest] of contents) contents.set(file, digest ?? before.get(file));
    if (saved !== undefined) onSave(saved);
  };
  const onEvent = () => {
    clearTimeout(timer);
    timer = setTimeout(settle, QUIET_MS);
  };
  const follow = (wanted: readonly string[]) => {
    const needed = new Set(wanted.map((file) => dirname(file)));
    for (const [directory, watcher] of directories) {
      if (needed.has(directory)) continue;
      watcher.close();
      directories.delete(directory);
    }
    for (const directory of needed) {
      if (!directories.has(directory)) directories.set(directory, watchDirectory(directory, onEvent));
    }
  };

  const first = files();
  follow(first);
  contents = readAll(first);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const watcher of directories.values()) watcher.close();
    },
  };
}

function watchDirectory(directory: string, onEvent: () => void): FSWatcher {
  try {
    const watcher = watch(directory, onEvent);
    watcher.on('error', () => watcher.close()); // The directory is gone, and with it what there was to watch.
    return watcher;
  } catch (cause) {
    throw new Failure({
      kind: 'host',
      code: 'cannot-watch',
      message: `Cannot watch ${directory}: ${(cause as Error).message}.`,
      hint: 'ENOSPC means that too many files are watched already: see /proc/sys/fs/inotify/max_user_watches.',
      cause,
    });
  }
}

/** A digest of each file; undefined for one that is not there. */
function readAll(files: readonly string[]): Map<string, string | undefined> {
  return new Map(files.map((file) => [file, digestOf(file)]));
}

function digestOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}
