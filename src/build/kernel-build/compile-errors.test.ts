import { expect, it } from 'vitest';
import { collectCompileErrors, compileHint } from './compile-errors.ts';

function errorsOf(lines: readonly string[]): readonly string[] {
  const errors = collectCompileErrors();
  for (const line of lines) errors.add(line);
  return errors.lines();
}

it('quotes the first error of a compiler with what it shows around it, not the last line of make', () => {
  expect(
    errorsOf([
      '  CC      kernel/sched/ext.o',
      'In file included from kernel/sched/build_policy.c:63:',
      "kernel/sched/ext.c: In function 'scx_init':",
      "kernel/sched/ext.c:7:3: error: 'nope' undeclared (first use in this function)",
      '    7 |   nope();',
      '      |   ^~~~',
      '  CC      kernel/fork.o',
      "kernel/fork.c:9:1: error: unknown type name 'foo'",
      'make[3]: *** [scripts/Makefile.build:229: kernel/sched/ext.o] Error 1',
      'make: *** [Makefile:224: __sub-make] Error 2',
    ]),
  ).toEqual([
    'In file included from kernel/sched/build_policy.c:63:',
    "kernel/sched/ext.c: In function 'scx_init':",
    "kernel/sched/ext.c:7:3: error: 'nope' undeclared (first use in this function)",
    '    7 |   nope();',
    '      |   ^~~~',
  ]);
});

it('takes a failing linker, a missing program or a missing rule for the error when no compiler complained', () => {
  expect(errorsOf(["ld: vmlinux.o: undefined reference to `scx_ops'", 'make: *** [x] Error 1'])).toEqual([
    "ld: vmlinux.o: undefined reference to `scx_ops'",
  ]);
  expect(errorsOf(['/bin/sh: 1: bc: not found', 'make: *** [x] Error 127'])).toEqual([
    '/bin/sh: 1: bc: not found',
  ]);
});

it('falls back to the last lines', () => {
  expect(errorsOf(['  CC      a.o', 'something odd'])).toEqual(['  CC      a.o', 'something odd']);
});

it('says what to do about what it knows', () => {
  expect(compileHint(['/bin/sh: 1: bc: not found'])).toContain('lacks "bc"');
  expect(compileHint(['gcc: fatal error: Killed signal terminated program cc1'])).toContain('--jobs');
  expect(compileHint(['FAILED: load BTF from vmlinux: Invalid argument'])).toContain('pahole');
  expect(compileHint(['a.c:1:1: error: x [-Werror=unused]'])).toContain('CONFIG_WERROR=n');
  expect(compileHint(['a.c:1:1: error: x'])).toBeUndefined();
});
