import { parse } from 'junit2json';
import { describe, expect, it } from 'vitest';
import { junit } from './junit.ts';
import { checkJunit, readXml } from './read-xml.fixture.ts';
import { MIXED, subtest, suiteResult, testResult, verdictOf } from './suite-result.fixture.ts';

describe('the JUnit report', () => {
  const root = readXml(junit(MIXED));
  const cases = root.children.flatMap((suite) => suite.children.filter(({ name }) => name === 'testcase'));
  const named = (start: string) => cases.find(({ attributes }) => attributes.name?.startsWith(start));

  it('keeps to the schema that Jenkins publishes', () => {
    expect(checkJunit(root)).toEqual([]);
    expect(checkJunit(readXml(junit(suiteResult([]))))).toEqual([]);
  });

  it('is understood by what others read such reports with', async () => {
    const read = await parse(junit(MIXED));
    if (!read || !('testsuite' in read)) throw new Error('no suites were read');
    expect(read).toMatchObject({ name: 'integration', tests: 11, failures: 3, errors: 1 });
    const [first] = read.testsuite ?? [];
    expect(first).toMatchObject({ name: 'integration [scx-6.12, smp 4, fifo]' });
    const all = (read.testsuite ?? []).flatMap(({ testcase = [] }) => testcase);
    expect(all).toHaveLength(11);
    expect(all.filter(({ failure }) => failure).map(({ failure }) => failure?.[0]?.type)).toHaveLength(3);
    expect(all.filter(({ error }) => error)).toHaveLength(1);
  });

  it('has a suite for each cell, with the cell as properties', () => {
    expect(root.attributes).toEqual({
      name: 'integration',
      time: '61.234',
      tests: '11',
      failures: '3',
      errors: '1',
    });
    expect(root.children.map(({ attributes }) => attributes.name)).toEqual([
      'integration [scx-6.12, smp 4, fifo]',
      'integration [debian-7.2, smp 1, no agent]',
      'integration [debian-7.2, smp 4, no agent]',
    ]);
    expect(root.children[1]?.attributes).toMatchObject({
      tests: '2',
      failures: '1',
      errors: '0',
      skipped: '1',
      time: '2.500',
      timestamp: '2026-11-20T10:15:30.000Z',
    });
    const properties = root.children[1]?.children[0]?.children.map(({ attributes }) => attributes);
    expect(properties).toEqual([
      { name: 'kernel', value: 'debian-7.2' },
      { name: 'smp', value: '1' },
      { name: 'agent', value: 'none' },
    ]);
  });

  it('has a case for each file and each subtest, told apart by cell', () => {
    expect(named('weights › nice 0')?.attributes).toEqual({
      classname: 'tests/nice.test.ts',
      name: 'weights › nice 0 [scx-6.12, smp 4, fifo]',
      time: '0.013',
    });
    expect(named('weights › nice 19')?.children).toMatchObject([
      { name: 'skipped', attributes: { message: 'needs 2 CPUs' } },
    ]);
    expect(named('fork storm › first')?.children).toMatchObject([
      {
        name: 'failure',
        attributes: { type: 'test-failed', message: 'expected 1, 2' },
        text: 'expected 1, 2\n---\n',
      },
    ]);
  });

  it('gives the kind of the verdict, and output and console without what XML forbids', () => {
    const [failure, output, console] = named('tests/storm.sh')?.children ?? [];
    expect(failure).toMatchObject({
      name: 'failure',
      attributes: {
        type: 'scheduler-ejected',
        message: 'The scheduler was ejected: <runnable task stall> & more.',
      },
    });
    expect(failure?.text).toContain('sched_ext: fifo: "x[1]" stalled ]]>\n--- not YAML\n...\n');
    expect(output).toMatchObject({
      name: 'system-out',
      text: 'a line\n\ufffd[31mred\ufffd[0m\ufffd 50% done, ok\r\nBail out! no\n``` fence | pipe',
    });
    expect(console).toMatchObject({ name: 'system-err', text: '[    1.0] sched_ext: disabled\n' });
  });

  it('tells an error, where no answer could be had, from a failure', () => {
    expect(named('tests/fair.ts')?.children[0]).toMatchObject({
      name: 'error',
      attributes: { type: 'inconclusive' },
    });
  });

  it('does not let a reader count as passed what is flaky', () => {
    expect(named('tests/stall.c')?.children[0]).toMatchObject({
      name: 'failure',
      attributes: { type: 'flaky', message: 'failed, then passed at attempt 3' },
      text: 'test-failed: It exited with 1.\n\nguest-hang: It hung.\n',
    });
  });

  it('holds whatever a test may be called', () => {
    const name = '<a & "b">\u0000\ud800\ufffe\t\n';
    const suite = suiteResult([
      testResult({
        file: name,
        outcome: 'failed',
        verdict: verdictOf('test-failed', name),
        subtests: [subtest([name])],
      }),
    ]);
    const [cell] = readXml(junit(suite)).children;
    expect(cell?.children[1]?.attributes.classname).toBe('<a & "b">\ufffd\ufffd\ufffd\t\n');
  });
});
