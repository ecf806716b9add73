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
  const visit = (relative: string): void => {
    const handle = opendirSync(join(dir, relative));
    try {
      for (let item = handle.readSync(); item !== null; item = handle.readSync()) {
        const path = relative === '' ? item.name : `${relative}/${item.name}`;
        const stat = lstatSync(join(dir, path));
        bytes += stat.blocks * 512;
        lines.push(line(dir, path, stat));
        if (stat.isDirectory()) visit(path);
      }
    } finally {
      handle.closeSync();
    }
  };
  visit('');
  return { lines: lines.sort(), bytes };
}

function line(dir: string, path: string, stat: Stats): string {
  const name = JSON.stringify(path);
  if (stat.isDirectory()) return `${name} dir`;
  if (stat.isSymbolicLink()) return `${name} link ${JSON.stringify(readlinkSync(join(dir, path)))}`;
  return `${name} file ${(stat.mode & 0o7777).toString(8)} ${stat.size} ${Math.floor(stat.mtimeMs)}`;
}

/** What is wrong with a tree, or undefined. Files that were added count as damage too: the tree is never written to. */
export function findTreeDamage(dir: string, listing: string): string | undefined {
  let found: readonly string[];
  try {
    found = listTree(dir).lines;
  } catch (error) {
    return (error as Error).message;
  }
  const wanted = readFileSync(listing, 'utf8').split('\n').slice(0, -1);
  const differs = wanted.findIndex((text, index) => text !== found[index]);
  if (differs >= 0) return `${pathOf(wanted[differs])} was changed or removed`;
  if (found.length > wanted.length) return `${pathOf(found[wanted.length])} was added`;
  return undefined;
}

function pathOf(text = ''): string {
  return /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? text;
}
