import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../core/failure.ts';
import type { DevboxConfig } from './config-schema.ts';
import { explainIssues } from './explain-issues.ts';
import { findConfig } from './find-config.ts';
import { repeatedKey } from './repeated-key.ts';

export interface LoadedConfig {
  /** Absolute. */
  readonly file: string;
  readonly config: DevboxConfig;
}

/** Reads and checks the configuration that holds in `cwd`; undefined when there is none. Throws `Failure` usage/bad-config. */
export async function loadConfig(cwd: string): Promise<LoadedConfig | undefined> {
  const file = findConfig(cwd);
  if (file === undefined) return undefined;
  const value = file.endsWith('.json') ? readJson(file) : await importConfig(file);
  const { configSchema } = await import('./config-schema.ts');
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) throw bad(file, explainIssues(parsed.error.issues, value));
  return { file, config: parsed.data };
}

function readJson(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(file, [(cause as Error).message], cause);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw bad(file, [`${twice}: the key stands there twice`]);
  return value;
}

async function importConfig(file: string): Promise<unknown> {
  serveDevbox();
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module;
  } catch (cause) {
    throw bad(file, [(cause as Error).message], cause);
  }
  if (module.default === undefined) throw bad(file, ['it has no default export']);
  return module.default;
}

let isServed = false;

/** `import … from 'devbox'` means this devbox, wherever the file that says so lies. */
function serveDevbox(): void {
  if (isServed) return;
  isServed = true;
  const url = new URL(import.meta.url.endsWith('.ts') ? '../../index.ts' : '../../index.js', import.meta.url)
    .href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'devbox' ? { url, shortCircuit: true } : next(specifier, context),
  });
}

function bad(file: string, evidence: readonly string[], cause?: unknown): Failure {
  return new Failure({
    kind: 'usage',
    code: 'bad-config',
    message: `${file} is not a valid configuration: ${evidence[0]?.replace(/([^?.])$/, '$1.')}`,
    ...(evidence.length > 1 && { evidence: evidence.slice(1) }),
    hint: 'What may stand in it: docs/configuration.md, or devbox.config.schema.json for your editor.',
    cause,
  });
}
