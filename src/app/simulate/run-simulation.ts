import { fileURLToPath } from 'node:url';
import type { SimulationResult } from '../../agents/simulator/simulate.ts';
import { Failure } from '../../core/failure.ts';
import { runChild } from '../../platform/child.ts';
import { type InspectOptions, inspectPolicy } from '../policy/inspect-policy.ts';
import type { SimulationAnswer, SimulationRequest } from './simulation-request.ts';

/** A process with tables for a million tasks. */
const HEAP_MB = 4096;

/**
 * Simulates a policy in a process of its own. Throws `Failure`: usage for a request or a file that cannot be, agent for a mistake
 * of the policy, with its file and line.
 */
export async function runSimulation(
  request: SimulationRequest,
  inspection: InspectOptions,
): Promise<SimulationResult> {
  // A file that goes on for ever when it is imported is told from one that does when it schedules.
  if (request.policy.kind === 'path') await inspectPolicy(request.policy.path, inspection);
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`./simulate-main.${extension}`, import.meta.url));
  const chunks: Buffer[] = [];
  const { exit, stderr } = await runChild({
    argv: [
      process.execPath,
      ...['--no-warnings', `--max-old-space-size=${HEAP_MB}`],
      ...[program, JSON.stringify(request)],
    ],
    signal: inspection.signal,
    onOutput: (chunk, fd) => {
      if (fd === 1) chunks.push(chunk);
    },
  });
  const text = Buffer.concat(chunks).toString('utf8').trim();
  if (exit.code === 0 && text.startsWith('{')) {
    const { result, failure } = JSON.parse(text) as SimulationAnswer;
    if (failure) throw new Failure(failure);
    return result as SimulationResult;
  }
  const how = exit.signal === undefined ? `ended with exit code ${exit.code}` : `died of ${exit.signal}`;
  throw new Failure({
    kind: 'agent',
    code: 'simulation-died',
    message: `The simulation ${how}.`,
    evidence: stderr
      .trimEnd()
      .split('\n')
      .slice(-10)
      .filter((line) => line !== ''),
    hint: 'A policy that ends its process, or that keeps more and more, ends like this.',
  });
}
