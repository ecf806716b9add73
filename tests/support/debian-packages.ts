import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildRoot, prepareBuildRoot } from '../../src/build/root/prepare-build-root.ts';
import { cacheDir } from '../../src/platform/paths.ts';

/** The build root that devbox itself uses, from the same cache. */
export function buildRoot(): Promise<BuildRoot> {
  return prepareBuildRoot({ emit: () => {} });
}

export interface FetchOptions {
  /** What to call it in the cache: it is fetched once. */
  readonly name: string;
  /** Shell: runs in an empty directory that is kept, with `apt-get` and `apt-cache` for Debian's stable release. */
  readonly script: string;
}

/** Fetches something from Debian's mirror for a test, by apt in the build root. Returns the directory that holds it. */
export async function fetchFromDebian({ name, script }: FetchOptions): Promise<string> {
  const parent = join(cacheDir(), 'tests');
  const kept = join(parent, name);
  if (existsSync(kept)) return kept;
  const draft = join(parent, `.${name}-${process.pid}`);
  const lists = join(parent, 'apt');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const root = await buildRoot();
  const options = [
    ...['APT::Sandbox::User=root', 'Acquire::Languages=none', 'Dir::Cache=/tmp'],
    'Dir::Etc::SourceParts=/dev/null',
  ];
  const words = options.map((option) => `-o ${option}`).join(' ');
  await root.run({
    argv: ['sh', '-euc', `apt="${words}"; apt-get $apt --error-on=any update >&2; ${script}`],
    binds: [
      { host: draft, guest: '/mnt/out', readOnly: false },
      { host: lists, guest: '/var/lib/apt/lists', readOnly: false },
    ],
    cwd: '/mnt/out',
    network: true,
    name: `test-${name}`,
    title: `Fetching ${name}`,
  });
  renameSync(draft, kept);
  return kept;
}
