import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../core/failure.ts';
import { placeLines, withText } from '../policy-file/error-place.ts';

export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface PolicyErrorOptions {
  /** What the policy was doing: `taskRunnable(5)`. */
  readonly during: string;
  /** What it threw, or the mistake. */
  readonly cause: unknown;
  /** Lines of evidence beside the stack. */
  readonly evidence?: readonly string[];
  readonly hint?: string;
}

/** The policy threw, or decided what cannot be. Its message begins with the policy's file, line and column where they are known. */
export class PolicyError extends Failure {
  readonly location: SourceLocation | undefined;

  constructor({ during, cause, evidence = [], hint }: PolicyErrorOptions) {
    const frames = policyFrames(cause);
    const at = frames[0];
    const where = at ? `${at.file}:${at.line}:${at.column}: ` : '';
    super({
      kind: 'agent',
      code: 'policy-failed',
      message: `${where}The policy failed in ${during}: ${text(cause)}`,
      hint: hint ?? 'Its last decisions are in the record of the run.',
      evidence: [
        ...(at ? placeLines(withText(at)) : []),
        ...frames.slice(1, MAX_FRAMES).map(({ file, line, column }) => `at ${file}:${line}:${column}`),
        ...evidence,
      ],
      cause,
    });
    this.name = 'PolicyError';
    this.location = at;
  }
}

const MAX_FRAMES = 10;
const MAX_TEXT = 1000;
const OURS = `${resolve(import.meta.dirname, '../..')}/`;
const POLICIES = join(OURS, 'agents/policies/');

/** A policy may throw anything, also something that cannot be made a text. */
function text(thrown: unknown): string {
  try {
    const said = thrown instanceof MistakeError ? thrown.message : String(thrown);
    return said.slice(0, MAX_TEXT);
  } catch {
    return 'something that cannot be shown';
  }
}

/** A decision that cannot be: thrown into the policy, so that the stack says where it was made. */
export class MistakeError extends Error {}

/**
 * Where in a policy something was thrown, the innermost first: the frames of a stack that are neither Node's nor ours. The
 * places are those of the source as it was typed, for Node strips types in place.
 */
export function policyFrames(thrown: unknown): readonly SourceLocation[] {
  return framesOf(thrown).filter(({ file }) => !isOurs(file));
}

export function isOurs(file: string): boolean {
  return file.startsWith(OURS) && !file.startsWith(POLICIES) && !/\.test\.[jt]s$/.test(file);
}

function framesOf(thrown: unknown): readonly SourceLocation[] {
  let stack: unknown;
  try {
    stack = thrown instanceof Error ? thrown.stack : undefined;
  } catch {
    return [];
  }
  if (typeof stack !== 'string') return [];
  const lines = stack.slice(0, 64 * 1024).split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*at (?:.* \()?(file:\/\/\/.+|\/.+):(\d{1,9}):(\d{1,9})\)?$/.exec(line);
    if (!match) return [];
    const [, place = '', atLine, column] = match;
    const file = path(place);
    return file === undefined || file.includes('/node_modules/')
      ? []
      : [{ file, line: Number(atLine), column: Number(column) }];
  });
}

/** Without the `?…` that makes a module load anew. */
function path(place: string): string | undefined {
  try {
    return place.startsWith('file:') ? fileURLToPath(place) : place.replace(/\?.*$/, '');
  } catch {
    return undefined;
  }
}
