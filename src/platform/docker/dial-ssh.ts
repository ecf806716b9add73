import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Agent, type ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { DockerEndpoint } from './endpoint.ts';

type SshEndpoint = Extract<DockerEndpoint, { kind: 'ssh' }>;

/**
 * Connections to a daemon on another machine, each through an ssh of its own that runs `docker system dial-stdio` there,
 * as docker(1) does it: so keys, jumps and known hosts are those of the user's ssh.
 */
export function sshAgent(endpoint: SshEndpoint): Agent {
  class SshAgent extends Agent {
    override createConnection(_options: ClientRequestArgs): Duplex {
      return connect(sshArgs(endpoint));
    }
  }
  return new SshAgent({ keepAlive: true, maxFreeSockets: 2 });
}

export function sshArgs({ destination, port, socketPath }: SshEndpoint): string[] {
  const host = socketPath === undefined ? [] : ['--host', `unix://${socketPath}`];
  return [
    ...['ssh', '-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '-o', 'ServerAliveInterval=10'],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['--', destination, 'docker', ...host, 'system', 'dial-stdio'],
  ];
}

function connect([program = '', ...args]: readonly string[]): Duplex {
  // It dies with devbox: its standard input is our pipe. In a group of its own it does not see the terminal's Ctrl-C,
  // so that what is to be put away on the other machine still can be.
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  return childDuplex(child);
}

/** A child's standard streams as a socket; what it said on standard error explains an early end. */
function childDuplex(child: ChildProcessWithoutNullStreams): Duplex {
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  const duplex = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, (error) => done(error ?? null)),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill('SIGTERM');
      done(error);
    },
  });
  let isAnswered = false;
  child.stdout.on('data', (chunk: Buffer) => {
    isAnswered = true;
    if (!duplex.push(chunk)) child.stdout.pause();
  });
  child.stdout.on('end', () => {
    if (isAnswered) duplex.push(null);
  });
  child.stdin.on('error', () => {}); // Its end says more.
  child.on('error', (error) => duplex.destroy(error));
  child.on('close', () => {
    if (isAnswered) duplex.destroy();
    else duplex.destroy(new Error(complaint.trim().split('\n').at(-1) || 'ssh ended before it connected'));
  });
  // What http asks of a socket. One that is kept for the next request must not keep devbox from ending.
  const { stdin, stdout, stderr } = child as unknown as Record<'stdin' | 'stdout' | 'stderr', Socket>;
  const handles = [child, stdin, stdout, stderr];
  const same = () => duplex;
  const each = (what: 'ref' | 'unref') => () => {
    for (const handle of handles) handle[what]();
    return duplex;
  };
  return Object.assign(duplex, {
    ...{ setTimeout: same, setNoDelay: same, setKeepAlive: same },
    ...{ ref: each('ref'), unref: each('unref') },
  });
}
