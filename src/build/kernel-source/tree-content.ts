import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSmallJson, writeSmallJson } from '../../platform/small-json.ts';
import { requireFree } from '../../platform/store-disk-full.ts';
import { keyOf } from '../../platform/store-key.ts';
import { absentFrom, differingEntries } from './index-listing.ts';
import { directoriesOf, directoriesStamp } from './tree-directories.ts';
import { prepareRepository, type TreeRepository } from './tree-repository.ts';
import { indexStamp, trackedFiles, type UserRepository } from './user-repository.ts';

/** What was known when the tree was looked at last. Gone while that is being found out. */
interface TreeState {
  readonly tree: string;
  /** Of the user's index, and of the patterns that come from outside the tree. */
  readonly tracked: string | null;
  readonly excludes: string;
  /** Where git ignores all: tells whether there are new files. */
  readonly directories?: string;
}

export interface TreeContentOptions {
  readonly path: string;
  readonly repository: TreeRepository;
  readonly user: UserRepository | undefined;
  readonly excludes: string;
  /** Objects of the user's repository may not be counted on: every file is to have one in ours. */
  readonly selfContained?: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * The id of the git tree of all files that git sees in a directory now: those it tracks, and those it would not ignore.
 * Whatever is not the same as last time is read, and kept as objects of our own. Under the tree's lock.
 */
export async function treeContent(options: TreeContentOptions): Promise<string> {
  const { path, repository, user, excludes } = options;
  const before = readSmallJson<TreeState>(stateFile(repository));
  const now = outsideOf(options);
  const isFresh = !existsSync(join(repository.gitDir, 'index'));
  const isSameOutside = !isFresh && before?.tracked === now.tracked && before.excludes === now.excludes;
  rmSync(stateFile(repository), { force: true });
  prepareRepository(repository, path, excludes);
  if (user && (isFresh || before?.tracked !== now.tracked)) await takeOverIndex(user, options);
  if (isFresh) requireFree(repository.dir, OBJECTS_BYTES);
  // With a threshold of one byte, all that is new goes into one pack instead of 80,000 files.
  const manner = isFresh ? ['-c', 'core.bigFileThreshold=1'] : [];
  await repository.run([...manner, 'add', '--all']);
  const seesAll = await ignoresTheKernel(options);
  // Before their files are looked at: what comes later makes a difference then.
  const directories = seesAll ? directoriesOf(path) : [];
  const directoriesNow = seesAll ? directoriesStamp(path, directories) : undefined;
  if (seesAll) await repository.run([...manner, 'add', '--all', '--force', '--', '.', ...NO_PRODUCTS]);
  else if (!(isSameOutside && (await ignoresTheSame(repository)))) await forgetIgnored(options);
  const tree = await commitIndex(repository);
  // Where all is ignored, git tells no new file from the old ones: their directories do.
  if (seesAll) writeFileSync(directoriesFile(repository), directories.join('\0'));
  if (!seesAll) writeSmallJson(stateFile(repository), { tree, ...now } satisfies TreeState);
  else if (directoriesNow !== undefined)
    writeSmallJson(stateFile(repository), { tree, ...now, directories: directoriesNow } satisfies TreeState);
  return tree;
}

/**
 * The same, when nothing has changed since it was found out: git looks at stat data only. Needs no lock: whoever finds
 * something else meanwhile first removes what is known.
 */
export async function knownContent(options: TreeContentOptions): Promise<string | undefined> {
  const { repository } = options;
  const isKnown = () => {
    const known = readSmallJson<TreeState>(stateFile(repository));
    const { tracked, excludes } = outsideOf(options);
    if (known?.tracked !== tracked || known.excludes !== excludes) return undefined;
    return known.directories === undefined || known.directories === stampNow(options)
      ? known.tree
      : undefined;
  };
  const tree = isKnown();
  return tree !== undefined && (await isUnchanged(repository)) && isKnown() === tree ? tree : undefined;
}

/** All files of a kernel, compressed. */
const OBJECTS_BYTES = 0.4e9;

const directoriesFile = ({ dir }: TreeRepository) => join(dir, 'directories');

function stampNow({ path, repository }: TreeContentOptions): string | undefined {
  const file = directoriesFile(repository);
  return existsSync(file) ? directoriesStamp(path, readFileSync(file, 'utf8').split('\0')) : undefined;
}

const stateFile = ({ dir }: TreeRepository) => join(dir, 'state.json');

function outsideOf({ user, excludes }: TreeContentOptions): Omit<TreeState, 'tree'> {
  return { tracked: (user && indexStamp(user)) ?? null, excludes: keyOf({ excludes }) };
}

/**
 * Debian's .gitignore, for one, names everything but debian/. What it meant is the packaging; someone who builds that
 * tree means the kernel.
 */
async function ignoresTheKernel({ repository, user, signal }: TreeContentOptions): Promise<boolean> {
  const { code } = await repository.try(['check-ignore', '--quiet', '--no-index', 'Makefile']);
  if (code !== 0 || !user) return code === 0;
  return absentFrom(await trackedFiles(user, signal), ['Makefile']).length > 0;
}

/** No .gitignore has changed since HEAD, which is what was found last time. */
async function ignoresTheSame(repository: TreeRepository): Promise<boolean> {
  const files = ':(glob)**/.gitignore';
  const { code } = await repository.try(['diff-index', '--cached', '--quiet', 'HEAD', '--', files]);
  return code === 0;
}

/** What a build in place leaves: pathspecs that leave it out. */
const NO_PRODUCTS = [
  ...['*.o', '*.a', '*.ko', '*.mod', '*.mod.c', '*.cmd', '*.dwo', '*.gcno', '*.symvers', '*.order'],
  ...['.config*', '.tmp_*', 'include/config/*', '*/include/generated/*', 'include/generated/*'],
  ...['vmlinux', 'vmlinux.*', 'System.map', 'modules.builtin*'],
].map((pattern) => `:(exclude)${pattern}`);

/** Nothing but what is known is there. The untracked cache spares a look into directories that have not changed. */
async function isUnchanged(repository: TreeRepository): Promise<boolean> {
  const { code, stdout } = await repository.try([
    ...['status', '--porcelain', '-z', '--no-renames'],
    ...['--untracked-files=normal', '--ignore-submodules=dirty'],
  ]);
  return code === 0 && stdout.length === 0;
}

/**
 * Makes our index say of the files that the user's index tracks what that says, which need not be so: files that are as
 * they were committed then have an object in the user's repository, and need none in ours.
 */
async function takeOverIndex(
  user: UserRepository,
  { repository, selfContained, signal }: TreeContentOptions,
): Promise<void> {
  const [theirs, listing] = await Promise.all([
    trackedFiles(user, signal),
    repository.run(['ls-files', '--stage', '-z']),
  ]);
  const input = differingEntries(theirs, listing);
  if (input.length === 0) return;
  await repository.run(['update-index', '-z', '--index-info'], { input });
  if (selfContained) return;
  // Compares what differs by stat data with what the index says of it, and writes no objects. Exits with 1 for "it differs".
  await repository.try(['update-index', '-q', '--refresh']);
}

/** A file that was to be seen once and is ignored now is no longer part of the tree, unless the user's index has it. */
async function forgetIgnored({ repository, user, signal }: TreeContentOptions): Promise<void> {
  const listing = await repository.run(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard']);
  const ignored = listing.toString('latin1').split('\0').slice(0, -1);
  if (ignored.length === 0) return;
  const gone = user ? absentFrom(await trackedFiles(user, signal), ignored) : ignored;
  if (gone.length === 0) return;
  const input = Buffer.from(gone.map((path) => `${path}\0`).join(''), 'latin1');
  await repository.run(['update-index', '-z', '--force-remove', '--stdin'], { input });
}

/** The tree of the index, as HEAD, so that `git status` says what has changed since. */
async function commitIndex(repository: TreeRepository): Promise<string> {
  // Objects that only the user's repository has are missing here.
  const tree = (await repository.run(['write-tree', '--missing-ok'])).toString().trim();
  const commit = await repository.run(['commit-tree', '-m', 'snapshot', tree], { env: NOBODY });
  await repository.run(['update-ref', 'HEAD', commit.toString().trim()]);
  return tree;
}

const NOBODY = {
  GIT_AUTHOR_NAME: 'devbox',
  GIT_AUTHOR_EMAIL: 'devbox',
  GIT_AUTHOR_DATE: '2000-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'devbox',
  GIT_COMMITTER_EMAIL: 'devbox',
  GIT_COMMITTER_DATE: '2000-01-01T00:00:00Z',
};
