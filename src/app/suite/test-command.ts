import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { GUEST_NODE } from '../../agents/manifest.ts';
import { Failure } from '../../core/failure.ts';
import { pathInGuest, type ShareSpec } from '../../core/share-spec.ts';
import { parseSmp } from '../../core/smp.ts';
import type { ExecOptions } from '../../vm/channel/guest-process.ts';
import { GUEST_PREFIX, guestEnvironment } from '../guest/guest-environment.ts';
import type { Guest } from '../guest/start-guest.ts';
import { stripTypes } from '../guest/strip-types.ts';
import type { AgentPlan } from '../run/agent-session.ts';
import { interpreterOf } from './interpreter.ts';
import type { PlannedTest } from './plan-tests.ts';

/** Where compiled tests are put in the guest. */
const COMPILED_DIR = '/tmp/devbox-tests';
/** Makes `devbox/guest` known to Node. */
const GUEST_LIBRARY = `${GUEST_PREFIX}/agents/guest-library/register.js`;

export interface TestPrograms {
  readonly shares: readonly ShareSpec[];
  /** Compiles a C file; resolves with the program's path on the host. */
  compile(source: string): Promise<string>;
  /** The agent that a test is about. */
  agentOf(test: PlannedTest): AgentPlan | undefined;
}

/** What is run in the guest for a test, in the test's own directory. */
export async function testCommand(
  test: PlannedTest,
  guest: Guest,
  { shares, compile, agentOf }: TestPrograms,
): Promise<ExecOptions> {
  const { path, kind } = test.file;
  if (kind === 'selftest') return selftestCommand(test, guest);
  const inGuest = pathInGuest(path, shares);
  if (inGuest === undefined) {
    throw new Failure({
      kind: 'usage',
      code: 'test-not-shared',
      message: `The test ${path} is in no directory that the guest can see.`,
      hint: 'Share its directory too, as in --share DIR.',
    });
  }
  const cwd = dirname(inGuest);
  const env = guestEnvironment({
    DEVBOX_TEST: test.file.name,
    DEVBOX_SMP: String(guest.vm.hello.vcpus),
    DEVBOX_TOPOLOGY: topologyText(test.cell.smp),
    DEVBOX_TIME_SCALE: String(guest.scale(1)),
    ...agentEnvironment(test, agentOf(test)),
  });
  switch (kind) {
    case 'program':
      return { argv: [...interpreterOf(path), inGuest], cwd, env };
    case 'node':
      return {
        argv: [GUEST_NODE, `--import=${GUEST_LIBRARY}`, '--test-reporter=tap', inGuest],
        cwd,
        // Node warns that types are stripped; nobody who wrote TypeScript needs to be told.
        env: { ...env, NODE_NO_WARNINGS: '1', ...(await stripTypes(path, shares, guest)) },
      };
    case 'c':
      return { argv: [await install(await compile(path), guest)], cwd, env };
    default:
      return kind satisfies never;
  }
}

/** One of the kernel's own. Its children must not print once more what is still in a buffer when they come to be. */
async function selftestCommand({ file }: PlannedTest, guest: Guest): Promise<ExecOptions> {
  if (file.failure) throw file.failure;
  const program = await install(file.path, guest);
  const argv = ['stdbuf', '--output=L', program];
  return { argv, cwd: dirname(program), env: guestEnvironment({ DEVBOX_TEST: file.name }) };
}

function topologyText(smp: string): string {
  const { sockets, cores, threads } = parseSmp(smp);
  return `sockets=${sockets},cores=${cores},threads=${threads}`;
}

/** Its name as the suite has it, how to start it, and what it promises. */
function agentEnvironment({ about }: PlannedTest, plan?: AgentPlan): Readonly<Record<string, string>> {
  if (about[0] === undefined) return {};
  const promises = Object.entries(plan?.manifest.promises ?? {}).filter(([, isPromised]) => isPromised);
  return {
    DEVBOX_AGENT: about[0],
    DEVBOX_AGENT_COMMAND: JSON.stringify(plan?.argv ?? []),
    DEVBOX_AGENT_PROMISES: promises.map(([name]) => name).join(' '),
  };
}

/** Puts a program into the guest, whatever is shared with it. */
async function install(program: string, guest: Guest): Promise<string> {
  const { signal } = guest.cause;
  const target = `${COMPILED_DIR}/${basename(program)}`;
  const process = await guest.vm.channel.exec(
    { argv: ['install', '-D', '-m', '0755', '/dev/stdin', target], env: guestEnvironment(), stdin: true },
    { signal },
  );
  process.stdout.discard();
  process.report.discard();
  const complaint: Uint8Array[] = [];
  const heard = (async () => {
    for await (const data of process.stderr) complaint.push(data);
  })();
  await process.write(readFileSync(program), { signal });
  await process.endStdin();
  const { code } = await process.exited;
  await heard;
  if (code === 0) return target;
  throw new Failure({
    kind: 'guest',
    code: 'test-not-installed',
    message: `The compiled test could not be put into the guest: ${Buffer.concat(complaint).toString().trim()}.`,
    hint: 'A full memory of the guest does that: give it more with --memory.',
  });
}
