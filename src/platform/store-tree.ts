import { lstatSync, opendirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * A tree is a directory with too many files to digest at every look: a root file system. Its listing (kind, mode,
 * size, time, path of every file in it) is a file of the entry and digested; a file that was written to since
 * no longer fits the listing.
 */
export function listTree(dir: string): { readonly lines: string[]; readonly bytes: number } {
  const lines: string[] = [];
  let bytes = 0;
  visitTree(dir, (text, stat) => {
    lines.push(text);
    bytes += stat.blocks * 512;
  });
  return { lines: lines.sort(), bytes };
}

function visitTree(dir: string, found: (text: string, stat: Stats) => void): void {
  const visit = (relative: string): void => {
    const handle = opendirSync(join(dir, relative));
    try {
      for (let item = handle.readSync(); item !== null; item = handle.readSync()) {
        const path = relative === '' ? item.name : `${relative}/${item.name}`;
        const stat = lstatSync(join(dir, path));
        found(line(dir, path, stat), stat);
        if (stat.isDirectory()) visit(path);
      }
    } finally {
      handle.closeSync();
    }
  };
  visit('');
}

function line(dir: string, path: string, stat: Stats): string {
  const name = JSON.stringify(path);
  if (stat.isDirectory()) return `${name} dir`;
  if (stat.isSymbolicLink()) return `${name} link ${JSON.stringify(readlinkSync(join(dir, path)))}`;
  return `${name} file ${(stat.mode & 0o7777).toString(8)} ${stat.size} ${Math.floor(stat.mtimeMs)}`;
}

/** What is wrong with a tree, or undefined. Files that were added count as damage too: the tree is never written to. */
export function findTreeDamage(dir: string, listing: string): string | undefined {
  const wanted = new Set(readFileSync(listing, 'utf8').split('\n'));
  wanted.delete('');
  let stranger: string | undefined;
  try {
    visitTree(dir, (text) => {
      if (!wanted.delete(text)) stranger ??= text;
    });
  } catch (error) {
    return (error as Error).message;
  }
  // A file that was changed is a stranger too, and its old line is missing then.
  const [missing] = wanted;
  if (missing !== undefined) return `${pathOf(missing)} was changed or removed`;
  return stranger === undefined ? undefined : `${pathOf(stranger)} was added`;
}

function pathOf(text = ''): string {
  return /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? text;
}
