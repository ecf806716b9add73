import { writeSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import { describeDefinition, type PolicyAnswer } from './described-policy.ts';
import { importPolicy } from './import-policy.ts';

/**
 * A program of its own: `node describe-main.js FILE` imports a policy and says what it is, as one line of JSON. Apart from
 * devbox itself because the file may loop, exit or leave things running.
 */

// What the file prints is no part of the answer.
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

async function describe(file: string): Promise<PolicyAnswer> {
  try {
    return { policy: describeDefinition(await importPolicy(file)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, evidence, hint } = error;
    return { failure: { code, message, evidence, ...(hint === undefined ? {} : { hint }) } };
  }
}

const answer = await describe(process.argv[2] ?? '');
writeSync(1, `${JSON.stringify(answer)}\n`);
process.exit(0);
