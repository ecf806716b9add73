import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { RELAY_FLAGS } from '../agent-flags.ts';
import { parseFlags } from '../flag.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { paramFlags } from '../policy/params.ts';

const KEYS: readonly (keyof PolicyDefinition)[] = ['summary', 'description', 'params', 'promises', 'create'];
const PARAM_NAME = /^[a-z][a-zA-Z0-9]*$/;

/**
 * What is wrong with a value that should be what `definePolicy` gave; undefined when nothing is. A sentence about "its
 * default export".
 */
export function definitionMistake(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null)
    return `its default export is ${article(value)}, not a policy definition`;
  const definition = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(definition).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    return `its default export has "${unknown}", which a policy definition does not have.${didYouMean(unknown, KEYS)}`;
  }
  const { summary, description, create } = definition;
  if (typeof create !== 'function') {
    return `its default export has ${create === undefined ? 'no create' : `${article(create)} as create, not a function`}`;
  }
  if (typeof summary !== 'string' || summary.trim() === '' || summary.includes('\n'))
    return 'its default export has no summary, one line of text';
  if (description !== undefined && !isTexts(description))
    return 'the description of its default export is not a list of texts';
  return paramsMistake(definition.params);
}

function paramsMistake(params: unknown): string | undefined {
  if (params === undefined) return undefined;
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    return 'the params of its default export are not an object';
  for (const [name, spec] of Object.entries(params)) {
    const mistake = paramMistake(name, spec);
    if (mistake !== undefined) return `the parameter "${name}" ${mistake}`;
  }
  return undefined;
}

function paramMistake(name: string, spec: unknown): string | undefined {
  if (!PARAM_NAME.test(name)) return 'has a name that makes no flag; letters and digits do: minGranularity';
  const { flag, read } = (spec ?? {}) as {
    readonly flag?: { readonly kind?: unknown };
    readonly read?: unknown;
  };
  if (typeof flag !== 'object' || typeof read !== 'function' || typeof flag?.kind !== 'string')
    return 'is none that duration(), count() or choice() made';
  const [asFlag] = paramFlags({ [name]: spec as never });
  if (asFlag === undefined) return 'makes no flag';
  if (RELAY_FLAGS.some((reserved) => reserved.name === asFlag.name))
    return `would be --${asFlag.name}, which every policy has already; call it something else`;
  try {
    parseFlags('policy', [asFlag], []);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `has a default that it does not take itself: ${error.message.replace(/\.$/, '')}`;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function article(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const type = typeof value;
  return `${type === 'object' ? 'an' : 'a'} ${type}`;
}
