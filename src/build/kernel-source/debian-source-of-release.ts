import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { readSmallJson, writeSmallJson } from '../../platform/small-json.ts';
import { HASTY, PATIENT } from '../kernel/apt-script.ts';
import { aptDir } from '../kernel/debian-apt.ts';
import { SUITE } from '../root/package-list.ts';
import { ASK_AGAIN_MS, askMirror, listVersions } from './debian-source.ts';
import { refuseOffline } from './offline.ts';
import type { SourceContext } from './source.ts';

type DebianSpec = Extract<BuiltSourceSpec, { kind: 'debian-source' }>;

/** A package that every suite has, to ask for the names of the others. */
const ANY = 'linux-source';
const SUITES = [SUITE, `${SUITE}-backports`];

/**
 * The newest source package of Debian's that is not newer than a kernel: of its own series when there is one, and then of
 * its own version when that is still there. Throws `Failure` build/no-source-of-release when all of them are newer.
 */
export async function debianSourceOfRelease(release: string, context: SourceContext): Promise<DebianSpec> {
  const packages: { readonly name: string; readonly suite: string }[] = [];
  for (const suite of SUITES) {
    for (const name of await namesIn(suite, context)) packages.push({ name, suite });
  }
  const best = newestNotAfter(release, packages, ({ name }) => name);
  if (best === undefined) throw noneThatOld(release, packages);
  const spec: DebianSpec = { kind: 'debian-source', package: best.name, suite: best.suite };
  const versions = await listVersions(spec, context);
  const { version } = newestNotAfter(release, versions, (known) => known.version) ?? versions.at(-1) ?? {};
  return version === undefined ? spec : { ...spec, version };
}

/** Exported for its test. */
export function newestNotAfter<T>(
  release: string,
  items: readonly T[],
  text: (item: T) => string,
): T | undefined {
  const limit = numbersOf(release);
  return items
    .filter((item) => compare(numbersOf(text(item)), limit) <= 0)
    .toSorted((a, b) => compare(numbersOf(text(b)), numbersOf(text(a))))[0];
}

/** `6.18.15+deb13-cloud-amd64`, `6.12.117-1` and `linux-source-6.12` as numbers. */
function numbersOf(text: string): readonly number[] {
  return (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((number, index) => number !== (b[index] ?? 0));
  if (differing >= 0) return (a[differing] ?? 0) - (b[differing] ?? 0);
  return b.slice(a.length).some((number) => number > 0) ? -1 : 0;
}

interface KnownNames {
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly names: readonly string[];
}

/** `linux-source-6.12`…: asked for once a week. What is known stands when the mirror cannot be asked. */
async function namesIn(suite: string, context: SourceContext): Promise<readonly string[]> {
  const file = join(aptDir(), `source-names-${suite}.json`);
  const known = readSmallJson<KnownNames>(file);
  if (known && (context.offline || Date.now() - known.askedAt < ASK_AGAIN_MS)) return known.names;
  refuseOffline(context.offline, `Which sources of kernels Debian's ${suite} has`);
  try {
    const spec: DebianSpec = { kind: 'debian-source', package: ANY, suite };
    const { names } = await askMirror(spec, known ? HASTY : PATIENT, context);
    const numbered = names.filter((name) => /^linux-source-\d+\.\d+$/.test(name));
    writeSmallJson(file, { askedAt: Date.now(), names: numbered } satisfies KnownNames);
    return numbered;
  } catch (error) {
    if (!known || !(error instanceof Failure) || error.kind === 'cancelled') throw error;
    return known.names;
  }
}

function noneThatOld(release: string, packages: readonly { readonly name: string }[]): Failure {
  return new Failure({
    kind: 'build',
    code: 'no-source-of-release',
    message: `Debian has no source of a kernel that is as old as Linux ${release}: it has ${packages.map(({ name }) => name).join(', ')}.`,
    hint: 'Take a kernel that devbox built: its own source is known. `devbox kernel list` shows them.',
  });
}
