import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** What each part of the house may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ['core'],
  results: ['core'],
  build: ['platform', 'core'],
  vm: ['platform', 'core'],
  agents: ['platform', 'core'],
  app: ['build', 'vm', 'agents', 'results', 'platform', 'core'],
  // What it does it does through the library; the rest is words, their forms and the process it runs in.
  cli: ['index.ts', 'results', 'platform', 'core'],
  // What others import from 'devbox'; of what is below `app` only types.
  'index.ts': ['app', 'build', 'agents', 'platform', 'core'],
  'guest.ts': ['agents'],
  'policy.ts': ['agents', 'core'],
  'sim.ts': ['agents', 'core'],
};

const OWN_PROGRAM =
  /^agents\/runtime\/|^(?:agents\/policy-file\/(?:answer|describe-main)|app\/simulate\/simulate-main)\.ts$/;

interface Source {
  readonly path: string;
  readonly part: string;
  readonly text: string;
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
  .map((path) => ({ path, part: path.split('/')[0] as string, text: readFileSync(join(SRC, path), 'utf8') }));

function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1] as string,
  );
  return specifiers.map((specifier) => relative(SRC, resolve(SRC, dirname(path), specifier)));
}

describe('the house', () => {
  it('lets dependencies point one way only', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .map((target) => ({ target, part: target.split('/')[0] as string }))
        .filter(({ part }) => part !== source.part && !MAY_IMPORT[source.part]?.includes(part))
        .map(({ target }) => `${source.path} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets only the command line touch the process it runs in and the terminal', () => {
    const wrong = sources
      // What runs in the guest, or apart from devbox, is a program of its own, with a command line of its own.
      .filter(({ part, path }) => part !== 'cli' && !OWN_PROGRAM.test(path))
      .filter(({ text }) =>
        /\bprocess\.(?:argv|exit\(|std(?:out|err)\.(?:write|fd|on)|stdin\.(?:on|read|pipe|fd))/.test(text),
      )
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('lets the command line do nothing but through the library, which is for everybody', () => {
    const itself = ['child', 'full-disk', 'paths', 'version', 'record/event-codec'];
    const platform = sources
      .filter(({ part }) => part === 'cli')
      .flatMap(importsOf)
      .filter((target) => target.startsWith('platform/'));
    expect([...new Set(platform)].sort()).toEqual(itself.map((name) => `platform/${name}.ts`).sort());
    const library = sources.find(({ path }) => path === 'index.ts') as Source;
    expect(library.text).not.toMatch(/^(?:import|export) (?!type)[^;]*'\.\/(?:agents|build|platform|vm)\//m);
  });

  it('has one kind of session, that of the library: the command line only shows it', () => {
    const recording = sources.filter(({ text }) => text.includes('createRunRecord('));
    expect(recording.map(({ path }) => path).sort()).toEqual([
      'app/session/session.ts',
      'platform/record/run-record.ts',
    ]);
  });

  it('runs in the guest without anything from npm', () => {
    const inGuest = sources.filter(({ path }) => /^(?:agents|core)\/|^policy\.ts$/.test(path));
    const wrong = inGuest.flatMap(({ path, text }) =>
      [...text.matchAll(/from '([^.'][^']*)'/g)]
        .map((match) => match[1] as string)
        .filter((specifier) => !specifier.startsWith('node:') && !specifier.startsWith('devbox/'))
        .map((specifier) => `${path} → ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps files small enough to be one thing', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path);
    expect(long).toEqual([]);
  });
});
