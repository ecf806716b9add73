import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * A tree is a directory with too many files to digest at every look: a root file system. Its listing (kind, mode,
 * size, time, path of every file in it) is a file of the entry and digested; a file that was written to since
 * no longer fits the listing. Neither is ever held in memory: both are read in one order, that of the listing's lines.
 */
export function writeTreeListing(dir: string, listing: string): { readonly bytes: number } {
  let bytes = 0;
  let pending: string[] = [];
  const file = openSync(listing, 'wx');
  const flush = () => {
    writeFileSync(file, pending.join(''));
    pending = [];
  };
  try {
    for (const { text, stat } of treeLines(dir)) {
      bytes += stat.blocks * 512;
      if (pending.push(`${text}\n`) >= LINES_AT_ONCE) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return { bytes };
}

const LINES_AT_ONCE = 1000;

interface TreeLine {
  readonly text: string;
  readonly stat: Stats;
}

/** A line for each file below `relative`, sorted as strings are. */
function* treeLines(dir: string, relative = ''): Generator<TreeLine, undefined> {
  const items = readdirSync(join(dir, relative), { withFileTypes: true }).flatMap((item) => {
    const own = { name: item.name, key: JSON.stringify(item.name).slice(1), isInner: false };
    // A directory's own line ends in a quote where those of what it holds go on with a slash.
    const inner = { name: item.name, key: `${own.key.slice(0, -1)}/`, isInner: true };
    return item.isDirectory() ? [own, inner] : [own];
  });
  for (const { name, isInner } of items.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const path = relative === '' ? name : `${relative}/${name}`;
    if (isInner) yield* treeLines(dir, path);
    else {
      const stat = lstatSync(join(dir, path));
      yield { text: line(dir, path, stat), stat };
    }
  }
}

function line(dir: string, path: string, stat: Stats): string {
  const name = JSON.stringify(path);
  if (stat.isDirectory()) return `${name} dir`;
  if (stat.isSymbolicLink()) return `${name} link ${JSON.stringify(readlinkSync(join(dir, path)))}`;
  return `${name} file ${(stat.mode & 0o7777).toString(8)} ${stat.size} ${Math.floor(stat.mtimeMs)}`;
}

/** What is wrong with a tree, or undefined. Files that were added count as damage too: the tree is never written to. */
export function findTreeDamage(dir: string, listing: string): string | undefined {
  let stranger: string | undefined;
  const wanted = fileLines(listing);
  try {
    let want = wanted.next().value;
    for (const { text } of treeLines(dir)) {
      // What has no line of its own in the tree is missing; of a file that was changed that is the old line.
      if (want !== undefined && want < text) break;
      if (want === text) want = wanted.next().value;
      else if (want !== undefined && pathOf(want) === pathOf(text)) break;
      else stranger ??= text;
    }
    if (want !== undefined) return `${pathOf(want)} was changed or removed`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    wanted.return(undefined);
  }
  return stranger === undefined ? undefined : `${pathOf(stranger)} was added`;
}

function* fileLines(path: string): Generator<string, undefined> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(2 ** 16);
    let rest = Buffer.alloc(0);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const whole = Buffer.concat([rest, chunk.subarray(0, size)]);
      const end = whole.lastIndexOf(NEWLINE) + 1;
      rest = whole.subarray(end);
      for (const text of whole.toString('utf8', 0, end).split('\n')) if (text !== '') yield text;
    }
  } finally {
    closeSync(file);
  }
}

const NEWLINE = 10;

function pathOf(text = ''): string {
  return /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? text;
}
