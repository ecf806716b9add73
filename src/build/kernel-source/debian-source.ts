import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { nearest } from '../../core/nearest.ts';
import { acquireLock } from '../../platform/lock.ts';
import { keyOf } from '../../platform/store-key.ts';
import type { EnvironmentMount } from '../environment/environment.ts';
import { HASTY, PATIENT } from '../kernel/apt-script.ts';
import { aptDir } from '../kernel/debian-apt.ts';
import { mirrorHint } from '../root/debootstrap.ts';
import {
  parseListing,
  readSourceAnswer,
  type SourceVersion,
  writeSourceAnswer,
} from './debian-source-answer.ts';
import { FETCH_SOURCE, LIST_SOURCES } from './debian-source-script.ts';
import { readKernelVersion } from './kernel-makefile.ts';
import { refuseOffline } from './offline.ts';
import { requirePinned } from './pinned.ts';
import type { ResolvedSource, SourceContext, SourcePin } from './source.ts';
import { obtainStored, type SourceFacts } from './stored-source.ts';

type DebianSpec = Extract<BuiltSourceSpec, { kind: 'debian-source' }>;

const RECIPE = 1;
export const ASK_AGAIN_MS = 7 * 24 * 3600 * 1000;
/** After the mirror could not be asked. */
const TRY_AGAIN_MS = 3600 * 1000;
/** The package, what is in it, and the unpacked tree. Bytes. */
const NEEDS = 2.2e9;

/** A package `linux-source-…` of a Debian suite. The mirror is asked once a week which version is the newest. */
export async function resolveDebianSource(spec: DebianSpec, context: SourceContext): Promise<ResolvedSource> {
  const { pin: held } = context;
  const { package: name, suite } = spec;
  requireNames(spec);
  const base: SourcePin = { kind: 'debian-source', package: name, suite };
  requirePinned(base, ['package', 'suite'], held, name);
  const wanted = held ? pinnedVersion(held) : await findVersion(spec, context);
  if (spec.version !== undefined && held) {
    requirePinned({ ...base, version: spec.version }, ['version'], held, name);
  }
  const { version, sha256 } = wanted;
  const title = `${name} ${version}`;
  const key = keyOf({ source: 'debian', recipe: RECIPE, package: name, version, sha256 });
  const pin: SourcePin = { ...base, version, sha256, size: wanted.size };
  return {
    key,
    pin,
    title,
    obtain: () =>
      obtainStored(
        {
          key,
          pin,
          what: `source ${title}`,
          needs: NEEDS,
          make: (draft) => fetchSource(draft, spec, wanted, context),
        },
        context,
      ),
  };
}

/** They go into a script's arguments and a file's name. */
function requireNames({ package: name, suite, version = '1' }: DebianSpec): void {
  const wrong =
    (/^linux-source-[a-z0-9][a-z0-9.+-]*$/.test(name) ? undefined : `package "${name}"`) ??
    (/^[a-z][a-z0-9-]*$/.test(suite) ? undefined : `suite "${suite}"`) ??
    (/^\d[A-Za-z0-9.+~:-]*$/.test(version) ? undefined : `version "${version}"`);
  if (wrong === undefined) return;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-source',
    message: `There can be no ${wrong} of a kernel's source in Debian.`,
    hint: 'Give a package like linux-source-6.12, and a version as Debian writes it: 6.12.94-1.',
  });
}

function pinnedVersion({ version, sha256, size }: SourcePin): SourceVersion {
  return { version: String(version), sha256: String(sha256), size: Number(size ?? 0) };
}

async function findVersion(spec: DebianSpec, context: SourceContext): Promise<SourceVersion> {
  const { emit, offline } = context;
  const known = readSourceAnswer(spec);
  const choose = (versions: readonly SourceVersion[] = []) =>
    spec.version === undefined ? versions[0] : versions.find(({ version }) => version === spec.version);
  const kept = choose(known?.versions);
  const isRecent = known !== undefined && Date.now() - known.askedAt < ASK_AGAIN_MS;
  // What was in a version once is in it for ever.
  if (kept && (isRecent || offline || spec.version !== undefined)) return kept;
  refuseOffline(offline, `Which version of ${spec.package} Debian's ${spec.suite} has`);
  try {
    const { versions, names } = await askMirror(spec, kept ? HASTY : PATIENT, context);
    if (versions.length > 0) writeSourceAnswer(spec, { askedAt: Date.now(), versions });
    return choose(versions) ?? noSuchSource(spec, versions, names);
  } catch (error) {
    if (!known || !kept || !(error instanceof Failure) || error.kind === 'cancelled') throw error;
    writeSourceAnswer(spec, { ...known, askedAt: Date.now() - ASK_AGAIN_MS + TRY_AGAIN_MS });
    emit({
      type: 'notice',
      level: 'warning',
      message: `Could not ask whether ${spec.package} is newer than ${kept.version}: using that. ${error.message}`,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
    return kept;
  }
}

function noSuchSource(
  { package: name, suite, version }: DebianSpec,
  versions: readonly SourceVersion[],
  names: readonly string[],
): never {
  const has = versions.map((item) => item.version).join(', ');
  const near = nearest(name, names);
  throw new Failure({
    kind: 'usage',
    code: 'no-such-source',
    message:
      versions.length > 0
        ? `Debian's ${suite} has no version ${version} of ${name}.`
        : `Debian's ${suite} has no package ${name}.`,
    hint: has ? `It has: ${has}.` : `It has: ${names.join(', ')}.${near ? ` Did you mean ${near}?` : ''}`,
  });
}

export async function askMirror(spec: DebianSpec, manner: readonly string[], context: SourceContext) {
  context.progress(`asking Debian for ${spec.package}`);
  await using _lock = await lockApt(context);
  const environment = await context.environment();
  const { stdout } = await environment.run({
    argv: ['sh', '-euc', LIST_SOURCES, 'list', spec.suite, spec.package, 'update', '-', '-', ...manner],
    mounts: [aptMount()],
    network: true,
    name: 'source-list',
    title: `Asking Debian for ${spec.package}`,
    signal: context.signal,
    failure: { code: 'source-lists-failed', hint: mirrorHint },
  });
  return parseListing(stdout, spec.package);
}

/** The versions of a package, newest first: as the mirror said within the last week, or says now. */
export async function listVersions(
  { version: _any, ...spec }: DebianSpec,
  context: SourceContext,
): Promise<readonly SourceVersion[]> {
  await findVersion(spec, context);
  return readSourceAnswer(spec)?.versions ?? [];
}

async function fetchSource(
  draft: string,
  { suite, package: name }: DebianSpec,
  { version, sha256 }: SourceVersion,
  context: SourceContext,
): Promise<SourceFacts> {
  const { offline, progress, signal } = context;
  refuseOffline(offline, `${name} ${version}`);
  progress(`fetching ${name} ${version}`);
  const environment = await context.environment();
  await using _lock = await lockApt(context);
  await environment.run({
    argv: ['sh', '-euc', FETCH_SOURCE, 'fetch', suite, name, '-', version, sha256, ...PATIENT],
    mounts: [aptMount(), { host: draft, guest: '/mnt/out', mode: 'output' }],
    network: true,
    name: 'source-fetch',
    title: `Fetching ${name} ${version}`,
    signal,
    onLine: (line) => {
      if (line === 'unpacking') progress(`unpacking ${name} ${version}`);
    },
    writesTo: { dir: dirname(draft), needs: NEEDS },
    failure: { code: 'source-fetch-failed', hint: (lines) => fetchHint(lines, version) ?? mirrorHint(lines) },
  });
  const epoch = Number(readFileSync(join(draft, 'epoch'), 'utf8'));
  rmSync(join(draft, 'epoch'));
  return { version: readKernelVersion(join(draft, 'tree'), `${name} ${version}`), epoch };
}

function fetchHint(lines: readonly string[], version: string): string | undefined {
  return /Version '.*' for '.*' was not found|404 +Not Found/.test(lines.join('\n'))
    ? `Debian's mirror no longer has ${version}: take a newer one, or let devbox.lock be written anew.`
    : undefined;
}

function aptMount(): EnvironmentMount {
  const host = join(aptDir(), 'source');
  mkdirSync(host, { recursive: true });
  return { host, guest: '/mnt/apt', mode: 'work' };
}

function lockApt({ signal, progress }: SourceContext) {
  return acquireLock({
    file: join(aptDir(), 'source-lock'),
    onWait: () => progress('waiting for another devbox to finish with apt'),
    ...(signal && { signal }),
  });
}
