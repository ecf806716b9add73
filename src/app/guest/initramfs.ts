import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { POLICY_NAMES } from '../../agents/policies/policy-names.ts';
import { bundleGuestCode, bundlerVersion, type CodeFile } from '../../build/guest-code/bundle-guest-code.ts';
import { projectRoot } from '../../platform/paths.ts';
import { openStore } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { type CpioEntry, cpioArchive } from '../../vm/cpio.ts';

/** Counts up when the layout of the archive changes. */
const RECIPE = 3;
const PAYLOAD = 'opt/devbox';
/** PID 1 puts it where libbpf looks for what a program's `__kconfig` variables are to be, when the kernel does not say. */
const KERNEL_CONFIG = `${PAYLOAD}/kernel-config`;
/** What of our own compiled program runs in the guest. */
const GUEST_CODE = ['agents', 'core', 'guest.js', 'policy.js'];

export interface InitramfsInputs {
  /** Identify the native programs and the kernel whose modules go in. */
  readonly nativeKey: string;
  readonly kernelKey: string;
  /** PID 1. */
  readonly init: string;
  /** Directory with bin/, lib/, bpf/. */
  readonly payload: string;
  /** Of the kernel, where it is known. */
  readonly config: ReadonlyMap<string, string> | undefined;
  /** Uncompressed modules in the order in which to load them. */
  readonly modules: readonly { readonly name: string; readonly path: string }[];
  readonly signal: AbortSignal;
}

/** PID 1, the modules that booting needs, and our programs, bundled, as one archive in the store. Returns its path. */
export async function prepareInitramfs(inputs: InitramfsInputs): Promise<string> {
  const dist = join(projectRoot, 'dist');
  const digest = createHash('sha256');
  for (const file of compiledCode(dist)) {
    const data = readFileSync(file);
    digest.update(`${relative(dist, file)}\0${data.length}\0`).update(data);
  }
  const key = keyOf({
    recipe: RECIPE,
    native: inputs.nativeKey,
    kernel: inputs.kernelKey,
    modules: inputs.modules.map(({ name }) => name),
    code: digest.digest('hex'),
    bundler: bundlerVersion(),
  });
  const { entry } = await openStore().obtain({
    kind: 'initramfs',
    key,
    signal: inputs.signal,
    make: async (dir) => {
      mkdirSync(dir, { recursive: true });
      const code = await bundleGuestCode(dist, POLICY_NAMES);
      writeFileSync(join(dir, 'initramfs.cpio'), cpioArchive(entriesOf(inputs, code)));
      return undefined;
    },
  });
  return join(entry.dir, 'initramfs.cpio');
}

/** All that the bundles may be made of; what is no program's stays out of the digest as well. */
function compiledCode(dist: string): string[] {
  return GUEST_CODE.flatMap((part) => filesBelow(join(dist, part))).filter((file) => file.endsWith('.js'));
}

/** Files of a directory, or the file itself. */
function filesBelow(dir: string): string[] {
  if (statSync(dir).isFile()) return [dir];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

function entriesOf(
  { init, modules, payload, config }: InitramfsInputs,
  code: readonly CodeFile[],
): CpioEntry[] {
  const file = (path: string, from: string, mode: number): CpioEntry => ({
    type: 'file',
    ...{ path, mode, data: readFileSync(from) },
  });
  return [
    ...['dev', 'proc', 'sys'].map((path): CpioEntry => ({ type: 'directory', path })),
    { type: 'character-device', path: 'dev/console', major: 5, minor: 1, mode: 0o600 },
    file('init', init, 0o755),
    ...modules.map(({ name, path }, index) =>
      file(`modules/${String(index).padStart(2, '0')}-${name}.ko`, path, 0o644),
    ),
    ...filesBelow(payload).map((path) => {
      const inside = relative(payload, path);
      return file(`${PAYLOAD}/${inside}`, path, inside.startsWith('bin/') ? 0o755 : 0o644);
    }),
    ...code.map(({ path, data }): CpioEntry => ({ type: 'file', path: `${PAYLOAD}/${path}`, data })),
    ...(config
      ? [{ type: 'file' as const, path: KERNEL_CONFIG, data: Buffer.from(configText(config)) }]
      : []),
    { type: 'file', path: `${PAYLOAD}/package.json`, data: Buffer.from('{"type":"module"}\n') },
  ];
}

function configText(config: ReadonlyMap<string, string>): string {
  return [...config].map(([name, value]) => `${name}=${value}\n`).join('');
}
