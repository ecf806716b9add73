import { lchownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes a directory and all in it somebody's. The directory itself comes last: one that belongs to them already does so
 * throughout, and costs one look.
 */
export function giveDirectory(dir: string, owner: Owner): void {
  if (lstatSync(dir).uid !== owner.uid) giveTree(dir, owner);
}

export function giveTree(path: string, owner: Owner): void {
  const stat = lstatSync(path);
  if (stat.isDirectory()) {
    for (const name of readdirSync(path)) giveTree(join(path, name), owner);
  }
  if (stat.uid !== owner.uid || stat.gid !== owner.gid) lchownSync(path, owner.uid, owner.gid);
}
