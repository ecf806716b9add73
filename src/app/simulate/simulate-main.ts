import { findPolicy } from '../../agents/policies/policies.ts';
import type { PolicyDefinition } from '../../agents/policy/define-policy.ts';
import { answerOnly } from '../../agents/policy-file/answer.ts';
import { importPolicy } from '../../agents/policy-file/import-policy.ts';
import { policyName } from '../../agents/policy-manifest.ts';
import { PolicyError } from '../../agents/runtime/policy-error.ts';
import { simulatePolicy } from '../../agents/simulator/simulate-policy.ts';
import { Failure } from '../../core/failure.ts';
import type { SimulationAnswer, SimulationRequest } from './simulation-request.ts';

/**
 * A program of its own: `node simulate-main.js REQUEST` simulates a policy and says what came of it, as one line of JSON. Apart
 * from devbox itself because a policy may loop, exit or leave things running.
 */

const end = answerOnly();

async function simulateRequest(request: SimulationRequest): Promise<SimulationAnswer> {
  const { policy, ...options } = request;
  try {
    const [name, definition] = await open(policy);
    return { result: simulatePolicy(definition, { ...options, name: `policy ${name}` }) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, evidence } = error;
    const kind = error.kind === 'usage' || error.kind === 'agent' ? error.kind : 'infrastructure';
    // There is no record to point at.
    const hint = error instanceof PolicyError ? 'The same seed ends in the same mistake.' : error.hint;
    return { failure: { kind, code, message, evidence, ...(hint === undefined ? {} : { hint }) } };
  }
}

async function open(policy: SimulationRequest['policy']): Promise<[name: string, PolicyDefinition]> {
  if (policy.kind === 'named') return [policy.name, findPolicy(policy.name)];
  return [policyName(policy.path), await importPolicy(policy.path)];
}

await end(await simulateRequest(JSON.parse(process.argv[2] ?? '')));
