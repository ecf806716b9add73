import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OutputOptions } from 'rolldown';

export interface CodeFile {
  /** Relative, below the directory that the guest has it in. */
  readonly path: string;
  readonly data: Uint8Array;
}

/**
 * Programs that guests run and modules that are imported by their place, each with all that it needs: an emulated guest takes some
 * 40 ms for every file that Node imports. What shares classes is bundled together. Places are kept, for programs find one another by them.
 */
const bundlesOf = (policies: readonly string[]): readonly (readonly string[])[] => [
  ['agents/runtime/main'],
  ['agents/runtime/policy-worker', 'policy', ...policies.map((name) => `agents/policies/${name}`)],
  ['guest'],
  ['agents/guest-library/register'],
];

/** What several modules of a bundle need goes here: two levels below the top, like what finds files from where it lies. */
const SHARED = 'agents/runtime/[name].js';

/** Our own program's part that guests run, from what was compiled in `dist`; `policies` are those that it comes with, by name. */
export async function bundleGuestCode(dist: string, policies: readonly string[]): Promise<CodeFile[]> {
  const bundles = await Promise.all(bundlesOf(policies).map((entries) => bundle(dist, entries)));
  return bundles.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function bundle(dist: string, entries: readonly string[]): Promise<CodeFile[]> {
  // Only now: it is a library of native code, and nearly always the bundles are in the store.
  const { rolldown } = await import('rolldown');
  await using built = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(dist, `${name}.js`)])),
    // Its comments name files relative to that.
    cwd: dist,
    platform: 'node',
    external: /^node:/,
    logLevel: 'silent',
  });
  const { output } = await built.generate(OUTPUT);
  return output.flatMap((file) =>
    file.type === 'chunk' ? [{ path: file.fileName, data: Buffer.from(file.code) }] : [],
  );
}

/** Part of what makes the bundles what they are. */
export function bundlerVersion(): string {
  return createRequire(import.meta.url)('rolldown/package.json').version;
}

const OUTPUT: OutputOptions = {
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: SHARED,
  codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
};
