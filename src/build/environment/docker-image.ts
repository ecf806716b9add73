import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { contextDigest, packDirectory } from '../../platform/docker/build-context.ts';
import { buildImage } from '../../platform/docker/build-image.ts';
import type { Daemon } from '../../platform/docker/daemon.ts';
import { endpointAddress } from '../../platform/docker/endpoint.ts';
import { imageFacts } from '../../platform/docker/image-facts.ts';
import { LABEL, ownLabels } from '../../platform/docker/labels.ts';
import { noteImageUse } from '../../platform/docker/old-images.ts';
import { scratchDirectory } from '../../platform/docker/scratch-directory.ts';
import { acquireLock } from '../../platform/lock.ts';
import { cacheDir, projectRoot } from '../../platform/paths.ts';
import { keyOf } from '../../platform/store-key.ts';
import { openLoggedOutput } from '../logged-output.ts';
import { rootEnvironment } from '../root/root-command.ts';
import { baseReferences, ensureBase, replaceBases } from './base-image.ts';
import type { Toolchain } from './environment.ts';
import { readImageToolchain } from './image-toolchain.ts';
import { parseToolchain } from './toolchain.ts';

export const DEFAULT_IMAGE = join(projectRoot, 'images', 'build');

/** What an image's name is made of, beyond the files it is built from. */
const RECIPE = 1;
const REPOSITORY = 'localhost/devbox-build';

/** The name under which a daemon has the image of a directory, if it has. */
export function imageTag(dir: string): string {
  return `${REPOSITORY}:${RECIPE}-${contextDigest(dir).slice(0, 40)}`;
}

export interface EnsureImageOptions {
  readonly daemon: Daemon;
  /** A directory with a Dockerfile. */
  readonly dir: string;
  readonly signal: AbortSignal | undefined;
  readonly progress: (detail: string) => void;
  readonly offline: boolean;
}

export interface BuiltImage {
  /** `sha256:…` */
  readonly id: string;
  readonly toolchain: Toolchain;
  readonly cached: boolean;
}

/** The image of a directory: the daemon's, when it has been built there from the same files, else built now. */
export async function ensureImage(options: EnsureImageOptions): Promise<BuiltImage> {
  const { daemon, dir, signal, progress } = options;
  const tag = imageTag(dir);
  const found = await findImage(daemon, tag, signal);
  if (found) return { ...found, cached: true };
  const place = keyOf({ daemon: endpointAddress(daemon.endpoint), tag });
  await using _lock = await acquireLock({
    file: join(cacheDir(), 'docker', `image-${place.slice(0, 32)}.lock`),
    ...(signal && { signal }),
    onWait: () => progress('another devbox is building it: waiting for that'),
  });
  const meanwhile = await findImage(daemon, tag, signal);
  if (meanwhile) return { ...meanwhile, cached: true };
  const title = `Building the image ${basename(dir)}`;
  await using output = openLoggedOutput({
    argv: ['docker', 'build', '--tag', tag, dir],
    name: 'docker-build',
    title,
  });
  await build({ ...options, tag, title, output });
  const built = await findImage(daemon, tag, signal);
  if (!built) throw new Error(`The image ${tag} is not there after it was built.`);
  return { ...built, cached: false };
}

/** The image of that name or id, when it is one of ours. */
async function findImage(
  daemon: Daemon,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Omit<BuiltImage, 'cached'> | undefined> {
  const facts = await imageFacts(daemon, name, signal);
  const toolchain = parseToolchain(facts?.labels[LABEL.packages]);
  if (!facts || !toolchain) return undefined;
  noteImageUse(facts.id);
  return { id: facts.id, toolchain };
}

interface BuildOptions extends EnsureImageOptions {
  readonly tag: string;
  readonly title: string;
  readonly output: ReturnType<typeof openLoggedOutput>;
}

/** Two builds: what the first one holds is written on the second, which adds nothing but that label. */
async function build(options: BuildOptions): Promise<void> {
  const { daemon, dir, tag, title, output, signal, progress, offline } = options;
  const labels = { ...ownLabels(), [LABEL.context]: contextDigest(dir) };
  const draft = `${tag}-draft`;
  const steps = followSteps(progress);
  const onOutput = (text: string) => {
    output.add(Buffer.from(text), 1);
    steps.add(text);
  };
  using scratch = scratchDirectory();
  const context = join(scratch.path, 'context');
  try {
    cpSync(dir, context, { recursive: true, verbatimSymlinks: true });
    const dockerfile = join(context, 'Dockerfile');
    const text = readFileSync(dockerfile, 'utf8');
    const bases = new Map<string, string>();
    for (const reference of baseReferences(text)) {
      bases.set(reference, await ensureBase(reference, { daemon, signal, progress, onOutput, offline }));
    }
    writeFileSync(dockerfile, replaceBases(text, bases));
    const run = async (archive: string, name: string, more: Readonly<Record<string, string>>) => {
      const { error } = await buildImage(daemon, {
        context: await packDirectory(archive),
        tag: name,
        labels: { ...labels, ...more },
        network: !offline,
        args: proxyArgs(),
        onOutput,
        signal,
      });
      if (error !== undefined) throw buildFailed(title, error, steps.current(), output, offline);
    };
    await run(context, draft, {});
    progress('reading which packages it holds');
    const { packages } = await readImageToolchain(daemon, draft, signal);
    const label = join(scratch.path, 'label');
    mkdirSync(label);
    writeFileSync(join(label, 'Dockerfile'), `FROM ${draft}\n`);
    await run(label, tag, { [LABEL.packages]: JSON.stringify(packages) });
  } finally {
    await daemon
      .call('remove a name of an image', () => daemon.client.getImage(draft).remove({ noprune: true }))
      .catch(() => {}); // It may never have been given.
  }
}

function proxyArgs(): Record<string, string> {
  const entries = Object.entries(rootEnvironment({ argv: [], network: true }));
  return Object.fromEntries(entries.filter(([name]) => /_proxy$/i.test(name)));
}

/** Tells which step of a Dockerfile is at work, and what it says. */
export function followSteps(progress: (detail: string) => void) {
  let step = '';
  return {
    add: (text: string) => {
      for (const line of text.split('\n')) {
        if (/^Step \d+\/\d+ ?: /i.test(line)) {
          step = line;
          progress(line.replace(/^STEP/, 'Step').replace(/ : /, ': ').slice(0, 100));
        }
      }
    },
    current: () => step,
  };
}

function buildFailed(
  title: string,
  error: string,
  step: string,
  output: ReturnType<typeof openLoggedOutput>,
  offline: boolean,
): Failure {
  const lines = [...(step === '' ? [] : [step]), ...output.evidence(), error.trim()];
  return new Failure({
    kind: 'build',
    code: 'image-failed',
    message: `${title} failed${step === '' ? '' : ` at ${step.replace(/ ?: .*/s, '').toLowerCase()} of its Dockerfile`}.`,
    evidence: [...new Set(lines)],
    hint: buildHint(error, offline),
    log: output.log,
  });
}

function buildHint(error: string, offline: boolean): string {
  if (offline) return 'An image that is not built yet needs the network: build it once without --offline.';
  if (/BuildKit|unknown flag|unknown instruction: (<<|EOF)/i.test(error))
    return "The daemon's classic builder is used, which has no RUN --mount and no here-documents: do without them.";
  if (/pull access denied|manifest unknown|not found: manifest/.test(error))
    return 'See that the image in the FROM line exists and that you may pull it (docker pull).';
  if (/lookup|no such host|i\/o timeout|connection refused|TLS handshake|EOF/.test(error))
    return 'No registry answers. Load the image in the FROM line into the daemon (docker load), or begin with debian:trixie-slim, which devbox can make itself.';
  return 'The log has all that the step said; the same build by hand: its first line.';
}
