import { existsSync, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { keyOf } from '../../platform/store-key.ts';
import { download } from './download.ts';
import { readKernelVersion } from './kernel-makefile.ts';
import { refuseOffline } from './offline.ts';
import { requirePinned } from './pinned.ts';
import type { ResolvedSource, SourceContext, SourcePin } from './source.ts';
import { obtainStored, type SourceFacts } from './stored-source.ts';
import { KERNEL_LIMITS } from './tar-members.ts';
import { damaged, type TarFormat, tarFormat, tooLarge, unpackTarball } from './unpack-tarball.ts';

type TarballSpec = Extract<BuiltSourceSpec, { kind: 'tarball' }>;

const RECIPE = 1;
/** The archive, decompressed, and the unpacked tree. Bytes. */
const NEEDS = 3.5e9;

/** A tar archive whose digest is known. What is unpacked has that digest; who sent it does not matter. */
export async function resolveTarball(spec: TarballSpec, context: SourceContext): Promise<ResolvedSource> {
  const { location } = spec;
  const sha256 = spec.sha256.toLowerCase();
  requireWellFormed(location, sha256);
  const pin: SourcePin = { kind: 'tarball', location, sha256 };
  requirePinned(pin, ['sha256'], context.pin, location);
  const key = keyOf({ source: 'tarball', recipe: RECIPE, sha256 });
  const obtain = () =>
    obtainStored(
      {
        key,
        pin,
        what: `source ${basename(location)}`,
        needs: NEEDS,
        make: (draft) => unpackInto(draft, { ...spec, sha256 }, context),
      },
      context,
    );
  return { key, pin, title: `${location} (sha256 ${sha256.slice(0, 12)})`, obtain };
}

function requireWellFormed(location: string, sha256: string): void {
  const wrong = !/^[0-9a-f]{64}$/.test(sha256)
    ? `"${sha256}" is no SHA-256`
    : !/^(\/|https?:\/\/[^/]|file:\/\/\/)/.test(location) ||
        !(location.startsWith('/') || URL.canParse(location))
      ? `"${location}" is neither an absolute path nor a URL of https, http or file`
      : undefined;
  if (wrong === undefined) return;
  throw new Failure({
    kind: 'usage',
    code: 'bad-source',
    message: `A tarball needs a place and a digest: ${wrong}.`,
    hint: 'Take the 64 hexadecimal digits that `sha256sum FILE` prints.',
  });
}

async function unpackInto(draft: string, spec: TarballSpec, context: SourceContext): Promise<SourceFacts> {
  const { signal, progress, offline } = context;
  const { location, sha256 } = spec;
  const what = basename(location);
  const local = location.startsWith('/')
    ? location
    : location.startsWith('file:')
      ? fileURLToPath(location)
      : undefined;
  if (local === undefined) refuseOffline(offline, location);
  else requireFile(local);
  const work = join(draft, 'work');
  for (const part of ['in', 'out']) mkdirSync(join(work, part), { recursive: true });
  const archive = join(work, 'in', 'archive');
  progress(local === undefined ? `fetching ${what}` : `checking ${what}`);
  await download({
    location,
    file: archive,
    sha256,
    signal,
    progress: (done) => progress(`${what}: ${done}`),
  });
  progress(`unpacking ${what}`);
  const format = await tarFormat(archive, location);
  const dir = join(draft, 'tree');
  const plain = { what: location, dir, signal };
  const epoch =
    format === 'xz' || format === 'bzip2'
      ? await unpackTarball({
          ...plain,
          file: await decompress(work, format, location, context),
          format: 'tar',
        })
      : await unpackTarball({ ...plain, file: archive, format });
  rmSync(work, { recursive: true });
  return { version: readKernelVersion(dir, location), epoch };
}

function requireFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-source',
    message: existsSync(path) ? `${path} is not a file.` : `There is no file ${path}.`,
  });
}

/** Node cannot undo these; the build environment has the programs. */
const PROGRAMS = { xz: 'xz -dcq -T0', bzip2: 'bzip2 -dcq' } as const;

async function decompress(
  work: string,
  format: keyof typeof PROGRAMS & TarFormat,
  what: string,
  context: SourceContext,
): Promise<string> {
  const limit = KERNEL_LIMITS.bytes;
  const environment = await context.environment();
  await environment.run({
    // One byte more than the limit tells "as large as allowed" from "larger".
    argv: [
      'sh',
      '-euc',
      `{ ${PROGRAMS[format]} /mnt/in/archive || echo failed >/mnt/out/status; } | head -c ${limit + 1} >/mnt/out/tar`,
    ],
    mounts: [
      { host: join(work, 'in'), guest: '/mnt/in', mode: 'input' },
      { host: join(work, 'out'), guest: '/mnt/out', mode: 'output' },
    ],
    name: `unpack-${format}`,
    title: `Decompressing ${basename(what)}`,
    signal: context.signal,
    writesTo: { dir: dirname(dirname(work)), needs: NEEDS },
  });
  const file = join(work, 'out', 'tar');
  if (lstatSync(file).size > limit) throw tooLarge(what, limit);
  if (existsSync(join(work, 'out', 'status')))
    throw damaged(what, new Error(`${format} says that it is damaged`));
  return file;
}
