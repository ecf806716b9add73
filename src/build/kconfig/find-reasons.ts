import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { projectRoot } from '../../platform/paths.ts';
import type { EnvironmentMount } from '../environment/environment.ts';
import type { Unfulfilled } from './compare-config.ts';
import { nearestSymbol } from './nearest-symbol.ts';
import { readReasons } from './read-reasons.ts';
import type { DroppedOption } from './request.ts';
import type { ResolveOptions } from './resolve-config.ts';

type Reason = DroppedOption['reason'];

export interface FindReasonsOptions
  extends Pick<ResolveOptions, 'environment' | 'source' | 'before' | 'env' | 'signal' | 'progress'> {
  readonly mounts: readonly EnvironmentMount[];
  /** Mounted at /mnt/request and /mnt/answer. */
  readonly request: string;
  readonly answer: string;
  readonly config: string;
  /** `NAME=value` for make. */
  readonly variables: readonly string[];
  readonly unfulfilled: readonly Unfulfilled[];
}

/** A file of Kconfig that has no options: reading it tells what make gives to Kconfig, whichever the tree. */
const CAPTURE = 'captured := $(shell,env -0 >/mnt/answer/environment)\n';

const explainScript = (before = '') => `
set -e
${before}
make -s -C /mnt/source O=/mnt/build "$@" KBUILD_KCONFIG=/mnt/request/Kconfig.capture listnewconfig >/dev/null
cd /mnt/build
exec python3 /mnt/explain/explain.py /mnt/answer/environment /mnt/request/requests.json .config /mnt/answer/explained.json
`;

/**
 * Why each request came out otherwise, in their order. By kconfiglib in the environment; should it not be there or not understand
 * the tree, by what the Kconfig files say to a simpler reader.
 */
export async function findReasons(options: FindReasonsOptions): Promise<Reason[]> {
  const { unfulfilled } = options;
  const requests = unfulfilled.map(({ request: { symbol, value }, actual }) => ({ symbol, value, actual }));
  writeFileSync(join(options.request, 'Kconfig.capture'), CAPTURE);
  writeFileSync(join(options.request, 'requests.json'), JSON.stringify(requests));
  try {
    await options.environment.run({
      argv: ['sh', '-c', explainScript(options.before), 'explain', ...options.variables],
      mounts: [
        ...options.mounts,
        { host: join(projectRoot, 'src/build/kconfig/python'), guest: '/mnt/explain', mode: 'input' },
      ],
      env: { ...options.env, PYTHONDONTWRITEBYTECODE: '1' },
      name: 'kernel-config-explain',
      title: `Reading the Kconfig files of Linux ${options.source.version}`,
      signal: options.signal,
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'build') throw error;
    options.progress?.('kconfiglib cannot read this tree: reading its Kconfig files more simply');
    return readReasons(options.source.dir, options.config, unfulfilled);
  }
  const answer = JSON.parse(readFileSync(join(options.answer, 'explained.json'), 'utf8')) as {
    readonly reasons: readonly Reason[];
    readonly symbols?: readonly string[];
  };
  return answer.reasons.map((reason, index) => {
    if (reason.kind !== 'unknown') return reason;
    const nearest = nearestSymbol(unfulfilled[index]?.request.symbol ?? '', answer.symbols ?? []);
    return nearest === undefined ? reason : { ...reason, nearest };
  });
}
