import { Failure } from '../../core/failure.ts';
import { answerOnly } from './answer.ts';
import { describeDefinition, type PolicyAnswer } from './described-policy.ts';
import { importPolicy } from './import-policy.ts';

/**
 * A program of its own: `node describe-main.js FILE` imports a policy and says what it is, as one line of JSON. Apart from
 * devbox itself because the file may loop, exit or leave things running.
 */

const end = answerOnly();

async function describe(file: string): Promise<PolicyAnswer> {
  try {
    return { policy: describeDefinition(await importPolicy(file)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, evidence, hint } = error;
    return { failure: { code, message, evidence, ...(hint === undefined ? {} : { hint }) } };
  }
}

await end(await describe(process.argv[2] ?? ''));
