import { inspectKernel, listKernels } from '../../app/kernels.ts';
import type { UntimedEvent } from '../../core/event.ts';
import { FEATURE_OPTIONS, type KernelArtifact, type KernelFeature } from '../../core/kernel.ts';
import { cancelOnSignals } from '../cancel.ts';
import { createOutput } from '../output.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { createPassthroughRenderer } from '../render/passthrough.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function kernels(subcommand: string | undefined, parsed: ParsedCommand): Promise<number> {
  const json = parsed.flags.has('json');
  if (subcommand === 'list') {
    const all = await listKernels({ stored: true });
    await (json ? printJson(all) : print(textTable(all.map(({ name, summary }) => [name, summary]))));
    return 0;
  }
  const kernel = await inspect(parsed.args[0] as string);
  await (json ? printJson(jsonKernel(kernel)) : print(kernelText(kernel)));
  return 0;
}

/** Fetching a kernel takes a while: what goes on is told on standard error. */
async function inspect(selector: string): Promise<KernelArtifact> {
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const stderr = createOutput(process.stderr);
  const options = {
    stdout: createOutput(process.stdout),
    stderr,
    color: false,
    rawOnTerminal: false,
    quiet: false,
  };
  const renderer = createPassthroughRenderer(options);
  const emit = (event: UntimedEvent) => void renderer.sink({ t: 0, ...event });
  try {
    return await inspectKernel(selector, emit, controller.signal);
  } finally {
    await renderer.finish();
  }
}

function jsonKernel({ config, features, unknownFeatures, ...rest }: KernelArtifact): unknown {
  return {
    ...rest,
    features: [...features],
    unknownFeatures: [...unknownFeatures],
    config: config && Object.fromEntries(config),
  };
}

function kernelText(kernel: KernelArtifact): string {
  const { name, release, key, bootImage, bootProtocol, modulesDir, config } = kernel;
  return textTable([
    ['kernel', name],
    ['release', release],
    ['key', key],
    ['boots', `${bootImage} (${bootProtocol === 'pvh' ? 'vmlinux by PVH' : 'bzImage'})`],
    ['modules', modulesDir ?? 'none'],
    ['configuration', config ? `${config.size} options` : 'not in the kernel'],
    ...(Object.keys(FEATURE_OPTIONS) as KernelFeature[]).map((feature) => [
      feature,
      featureText(feature, kernel),
    ]),
    ['missing kfuncs', missingText(kernel)],
  ]);
}

function missingText({ missingKfuncs }: KernelArtifact): string {
  if (missingKfuncs === undefined) return 'cannot be told';
  return missingKfuncs.length === 0 ? 'none' : missingKfuncs.join(', ');
}

function featureText(feature: KernelFeature, { features, unknownFeatures }: KernelArtifact): string {
  if (features.has(feature)) return 'yes';
  return `${unknownFeatures.has(feature) ? 'cannot be told' : 'no'} (${FEATURE_OPTIONS[feature].join(', ')})`;
}
