/**
 * What `git ls-files --stage -z` prints of 90,000 files is 9 MB. It is read where it lies, an entry at a time: `mode id
 * stage`, a tab, and a path, which is bytes and may hold anything but a zero.
 */
interface Entry {
  readonly start: number;
  readonly path: number;
  /** Of the zero after it. */
  readonly end: number;
}

function* entriesOf(listing: Buffer): Generator<Entry, undefined> {
  for (let start = 0; start < listing.length; ) {
    const path = listing.indexOf(TAB, start) + 1;
    const end = listing.indexOf(0, path);
    if (path === 0 || end < 0) return;
    yield { start, path, end };
    start = end + 1;
  }
}

const TAB = 9;

/** A whole file that is not in conflict, in a repository whose ids are as long as ours. */
const PLAIN = /^(100644|100755|120000) [0-9a-f]{40} 0$/;

/** The plain entries of the one listing that the other has not, or has otherwise. Both are sorted, as git prints them. */
export function differingEntries(theirs: Buffer, ours: Buffer): Buffer {
  const differing: Buffer[] = [];
  const others = entriesOf(ours);
  let other = others.next().value;
  for (const { start, path, end } of entriesOf(theirs)) {
    const order = () => (other ? ours.compare(theirs, path, end, other.path, other.end) : 1);
    while (order() < 0) other = others.next().value;
    const isSame = other !== undefined && ours.compare(theirs, start, end, other.start, other.end) === 0;
    const isPlain = () => PLAIN.test(theirs.toString('latin1', start, path - 1));
    if (!isSame && isPlain()) differing.push(theirs.subarray(start, end + 1));
  }
  return Buffer.concat(differing);
}

/** Those of the paths, in latin1, that a listing does not have. */
export function absentFrom(listing: Buffer, paths: readonly string[]): string[] {
  const absent = new Set(paths);
  for (const { path, end } of entriesOf(listing)) absent.delete(listing.toString('latin1', path, end));
  return [...absent];
}

/** Repositories within the listed one, by their paths; `git ls-tree -r -z` prints them alike. Their files are in no listing. */
export function submodulesIn(listing: Buffer): string[] {
  const submodules = new Set<string>();
  for (const { start, path, end } of entriesOf(listing)) {
    if (listing.toString('latin1', start, start + GITLINK.length) === GITLINK)
      submodules.add(listing.toString('utf8', path, end));
  }
  return [...submodules];
}

const GITLINK = '160000 ';
