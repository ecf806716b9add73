import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { importImage, pullImage } from '../../platform/docker/build-image.ts';
import type { Daemon } from '../../platform/docker/daemon.ts';
import { imageFacts } from '../../platform/docker/image-facts.ts';
import { LABEL, ownLabels } from '../../platform/docker/labels.ts';
import { noteImageUse } from '../../platform/docker/old-images.ts';
import { scratchDirectory } from '../../platform/docker/scratch-directory.ts';
import { debootstrap } from '../root/debootstrap.ts';
import { readImageDescription } from '../root/package-list.ts';

export interface BaseImageOptions {
  readonly daemon: Daemon;
  readonly signal: AbortSignal | undefined;
  readonly progress: (detail: string) => void;
  /** What the daemon says meanwhile, for the log. */
  readonly onOutput: (text: string) => void;
  readonly offline: boolean;
}

/** Where ours are kept: never under the name of the one they stand for, nor where Podman would look for it elsewhere. */
const repositoryOf = (suite: string) => `localhost/devbox-debian-${suite}`;
/** The only tag that Podman gives to what it imports. */
const TAG = 'latest';
const SUITES: Readonly<Record<string, string>> = { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' };
/** A tar archive and what mmdebstrap takes while it makes it, bytes. */
const NEEDS = 1e9;

/** The Debian release that a FROM names, when one by mmdebstrap can stand for it. */
export function debianSuite(reference: string): string | undefined {
  const tag = /^(?:docker\.io\/)?(?:library\/)?debian:([a-z]+|\d+)(?:-slim)?$/.exec(reference)?.[1];
  return tag === undefined ? undefined : (SUITES[tag] ?? (/^\d/.test(tag) ? undefined : tag));
}

/** What a Dockerfile begins with, stages of its own left out. */
export function baseReferences(dockerfile: string): string[] {
  const stages = new Set(['scratch']);
  const references: string[] = [];
  for (const [, reference = '', stage] of dockerfile.matchAll(FROM)) {
    if (!stages.has(reference.toLowerCase()) && !reference.includes('$')) references.push(reference);
    if (stage !== undefined) stages.add(stage.toLowerCase());
  }
  return [...new Set(references)];
}

const FROM = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?[ \t]*$/gim;

/** The same Dockerfile with other bases. */
export function replaceBases(dockerfile: string, bases: ReadonlyMap<string, string>): string {
  return dockerfile.replaceAll(FROM, (line, reference: string) => {
    const other = bases.get(reference);
    // A function, since a replacement's text would be searched for `$`.
    return other === undefined ? line : line.replace(reference, () => other);
  });
}

/**
 * Sees to it that the daemon has a base image: its own, one from a registry, or, when no registry answers, one made by
 * mmdebstrap from the mirror this machine uses. Returns the name to use in the place of `reference`.
 */
export async function ensureBase(reference: string, options: BaseImageOptions): Promise<string> {
  const { daemon, signal, progress, onOutput, offline } = options;
  if (await imageFacts(daemon, reference, signal)) return reference;
  const suite = debianSuite(reference);
  const own = suite === undefined ? undefined : `${repositoryOf(suite)}:${TAG}`;
  const made = own === undefined ? undefined : await imageFacts(daemon, own, signal);
  if (own !== undefined && made) {
    noteImageUse(made.id);
    return own;
  }
  if (offline) return reference; // The build will say that it is not there.
  progress(`pulling ${reference}`);
  const { error } = await pullImage(daemon, reference, { onOutput, signal });
  if (error === undefined) return reference;
  onOutput(`${error}\n`);
  if (own === undefined || suite === undefined) return reference;
  onOutput(`Making ${own} with mmdebstrap instead.\n`);
  await makeBase(suite, options);
  return own;
}

async function makeBase(suite: string, { daemon, signal, progress }: BaseImageOptions): Promise<void> {
  using dir = scratchDirectory();
  const archive = join(dir.path, 'root.tar');
  await debootstrap({
    name: 'base-image',
    suite,
    // A mirror may be spoken to by https.
    image: { packages: ['ca-certificates'], excludes: readImageDescription('build').excludes },
    archive,
    needs: NEEDS,
    signal,
    progress: (detail) => progress(`no registry answers, making the base with mmdebstrap: ${detail}`),
  });
  progress('handing the base image to the daemon');
  const { error } = await importImage(daemon, createReadStream(archive), {
    repository: repositoryOf(suite),
    tag: TAG,
    labels: { ...ownLabels(), [LABEL.context]: `debian-${suite}` },
    signal,
  });
  if (error !== undefined) {
    throw new Failure({
      kind: 'build',
      code: 'base-image-failed',
      message: `The Docker daemon did not take the base image made by mmdebstrap: ${error}`,
    });
  }
}
