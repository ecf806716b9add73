import { expect, test, vi } from 'vitest';
import { git, tryGit } from './run-git.ts';

const findProgram = vi.hoisted(() => vi.fn());
vi.mock('../../platform/find-program.ts', async (original) => {
  const real = await original<typeof import('../../platform/find-program.ts')>();
  findProgram.mockImplementation(real.findProgram);
  return { findProgram };
});

test('a host without git is told how to get it', async () => {
  findProgram.mockReturnValueOnce(undefined);
  await expect(tryGit({ args: ['--version'] })).rejects.toMatchObject({
    kind: 'host',
    code: 'git-missing',
    hint: 'Run: sudo apt-get install git',
  });
});

test("what git complains of is the failure's evidence", async () => {
  const failing = git({ args: ['rev-parse', '--git-dir'], cwd: '/' }, { code: 'x', message: 'It failed.' });
  await expect(failing).rejects.toMatchObject({
    message: 'It failed.',
    evidence: [expect.stringContaining('not a git repository')],
  });
});

test('a program of the environment that asks for a password is not run', async () => {
  vi.stubEnv('GIT_DIR', '/elsewhere');
  vi.stubEnv('GIT_ASKPASS', '/bin/some-dialog');
  const { stdout } = await tryGit({ args: ['-c', 'alias.e=!env', 'e'], asUser: true });
  vi.unstubAllEnvs();
  const lines = stdout.toString().split('\n');
  expect(lines).toContain('GIT_ASKPASS=true');
  expect(lines).toContain('GIT_TERMINAL_PROMPT=0');
  expect(lines).toContain('GIT_SSH_COMMAND=ssh -o BatchMode=yes');
  expect(lines.some((line) => line.startsWith('GIT_DIR='))).toBe(false);
});
