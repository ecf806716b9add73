import { expect, it } from 'vitest';
import { createMakeProgress } from './make-progress.ts';

it('counts objects of kernel and modules, not the programs that the build itself needs', () => {
  const progress = createMakeProgress();
  const lines = [
    '  HOSTCC  scripts/basic/fixdep',
    '  CC      kernel/sched/core.o',
    '  CC [M]  fs/overlayfs/super.o',
    '  AS      arch/x86/entry/entry_64.o',
    '  LD [M]  fs/overlayfs/overlay.o',
    '  AR      kernel/built-in.a',
  ];
  expect(lines.map(progress.add)).toEqual(lines.map(() => true));
  expect(progress.now()).toEqual({ objects: 3, warnings: 0, file: 'kernel/built-in.a' });
});

it("counts warnings and does not take a compiler's own lines for steps", () => {
  const progress = createMakeProgress();
  expect(progress.add("kernel/a.c:3:5: warning: unused variable 'x' [-Wunused-variable]")).toBe(false);
  expect(progress.add('    3 |   int x;')).toBe(false);
  expect(progress.now().warnings).toBe(1);
});
