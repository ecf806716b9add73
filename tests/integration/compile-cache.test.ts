import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { embeddedEnvironment } from '../../src/build/environment/embedded-environment.ts';
import type { BuildEnvironment } from '../../src/build/environment/environment.ts';
import { compileCache } from '../../src/build/kernel-build/compile-cache.ts';
import { prepareBuildRoot } from '../../src/build/root/prepare-build-root.ts';

let environment: BuildEnvironment;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'devbox-compile-cache-'));
  environment = embeddedEnvironment(await prepareBuildRoot({ emit: () => {} }), () => {});
});
afterAll(() => rmSync(home, { recursive: true }));

/**
 * A file like a kernel's, that includes a header and sees all options, a cache of its own, and words for what tests do.
 * What changed in the very instant in which it is compiled is not kept: `kept` waits for the next.
 * `said` tells how many calls were served and how many compiled since it was asked last.
 */
const WORDS = `
export DEVBOX_COMPILE_CACHE=/mnt/work/cache
mkdir -p cache include/generated
printf '#include "one.h"\\nint one(void) { return ONE; }\\n' >one.c
echo '#define ONE 1' >one.h
echo '#define CONFIG_NEEDED 1' >include/generated/autoconf.h
touch -d '1 minute ago' one.c one.h include/generated/autoconf.h
later() { until touch now; [ "$(stat -c %z now)" != "$(stat -c %z one.h)" ]; do :; done; }
kept() {
  later
  /tmp/compile-cache "$@" -Wp,-MMD,.one.o.d -include include/generated/autoconf.h -Wall -c -o one.o one.c
}
said() { /tmp/compile-cache --end 1000000000 | sed 's/compile-cache: //'; rm -f /tmp/compile-cache-known; }
settled() { until [ "$(stat -c %Z "$1")" -lt "$(date +%s)" ]; do read -rt 0.1 <>/tmp/never || true; done; }
mkfifo /tmp/never
rm -f /tmp/compile-cache-known
`;

let serial = 0;

/** What a script prints, line by line. */
async function run(script: string): Promise<string[]> {
  const lines: string[] = [];
  const cache = compileCache(environment, 'gcc');
  serial += 1;
  const work = join(home, `${serial}`);
  mkdirSync(work);
  await environment.run({
    argv: ['bash', '-euc', `${cache.open}\n${WORDS}\n${script}`],
    cwd: '/mnt/work',
    env: cache.env,
    mounts: [{ host: work, guest: '/mnt/work', mode: 'work' }, ...cache.mounts],
    name: 'compile-cache',
    title: 'Compiling',
    onLine: (line) => lines.push(line),
  });
  return lines;
}

it('serves what was compiled once: the object, the list of dependencies and what the compiler said', async () => {
  const lines = await run(`
    echo 'static int unused;' >>one.h
    kept gcc 2>first; cp one.o first.o; cp .one.o.d first.d; said
    rm one.o .one.o.d
    kept gcc 2>second; said
    cmp one.o first.o; cmp .one.o.d first.d; cmp first second; grep -c unused second
  `);
  expect(lines).toEqual(['0 served, 1 compiled', '1 served, 0 compiled', expect.stringMatching(/[1-9]/)]);
});

it('compiles anew when a header changes, and knows the old one when it comes back', async () => {
  const lines = await run(`
    kept gcc; said
    echo '#define ONE 2' >one.h; kept gcc; said
    echo '#define ONE 1' >one.h; kept gcc; said
    touch one.h; kept gcc; said
  `);
  expect(lines[0]).toBe('0 served, 1 compiled');
  expect(lines.slice(1)).toEqual(['0 served, 1 compiled', '1 served, 0 compiled', '1 served, 0 compiled']);
});

it.each([
  ['an option that no file names', 'CONFIG_OTHER 1', '1 served, 0 compiled'],
  ['an option that a header names', 'CONFIG_NEEDED 2', '0 served, 1 compiled'],
  ['an option that becomes a module', 'CONFIG_NEEDED_MODULE 1', '0 served, 1 compiled'],
])('goes by the options that files name: %s', async (_, option, second) => {
  const lines = await run(`
    echo '/* CONFIG_NEEDED */' >>one.h
    kept gcc; said
    echo '#define ${option}' >include/generated/autoconf.h
    [ ${option.split(' ')[0]} = CONFIG_NEEDED ] || echo '#define CONFIG_NEEDED 1' >>include/generated/autoconf.h
    kept gcc; said
  `);
  expect(lines).toEqual(['0 served, 1 compiled', second]);
});

it('takes a name that is glued together for any option', async () => {
  const lines = await run(`
    echo '#define is(name) CONFIG_##name' >>one.h
    kept gcc; said
    echo '#define CONFIG_OTHER 1' >>include/generated/autoconf.h; kept gcc; said
  `);
  expect(lines).toEqual(['0 served, 1 compiled', '0 served, 1 compiled']);
});

it('tells apart by other words, another directory and another compiler', async () => {
  const lines = await run(`
    kept gcc; said
    kept gcc -O2; said
    ln -s "$(command -v gcc)" /tmp/other-gcc; kept /tmp/other-gcc; said
    mkdir sub; cp -a one.c one.h include sub; cd sub; kept gcc; said
  `);
  expect(new Set(lines)).toEqual(new Set(['0 served, 1 compiled']));
});

it('tells apart by what a program of the same name is, and by what is told it aside', async () => {
  const lines = await run(`
    for version in 1 2; do
      printf '#!/bin/sh\\n# %s\\nexec gcc "$@"\\n' "$version" >/tmp/wrapped; chmod 755 /tmp/wrapped; kept /tmp/wrapped; said
    done
    kept /tmp/wrapped; said
    mkdir aside; CPATH=aside kept /tmp/wrapped; said
  `);
  const anew = '0 served, 1 compiled';
  expect(lines).toEqual([anew, anew, '1 served, 0 compiled', anew]);
});

it('hands on a call that names a file in an option: what is in it decides, too', async () => {
  const lines = await run(`
    echo seed >seed
    cat >/tmp/seeded <<'END'
#!/bin/bash
exec gcc "\${@/#-fseed=*/-O1}"
END
    chmod 755 /tmp/seeded
    kept /tmp/seeded -fseed=seed; test -s one.o; said
    kept /tmp/seeded -fseed=nowhere; said
  `);
  expect(lines).toEqual(['0 served, 0 compiled', '0 served, 1 compiled']);
});

it.each([
  ['takes in a file that the compiler does not tell of', `'asm(".incbin \\"one.h\\"");'`],
  ['depends on the time of day', `'const char *now = __TIME__;'`],
])('keeps nothing that %s', async (_, line) => {
  const lines = await run(`echo ${line} >>one.c; kept gcc; kept gcc; said`);
  expect(lines).toEqual(['0 served, 2 compiled']);
});

it('hands on what fails, and keeps none of it', async () => {
  const lines = await run(`
    echo 'int broken(void) {' >>one.c
    code=0; kept gcc 2>errors || code=$?; echo "$code"; grep -c 'error:' errors
    code=0; kept gcc 2>errors || code=$?; echo "$code"; said
    code=0; kept no-such-compiler 2>errors || code=$?; echo "$code"; cat errors
    code=0; /tmp/compile-cache no-such-compiler --version 2>errors || code=$?; echo "$code"
  `);
  expect(lines).toEqual([
    ...['1', '1', '1', '0 served, 2 compiled'],
    ...['127', 'no-such-compiler: No such file or directory', '127'],
  ]);
});

it('does not keep what was compiled while a header changed', async () => {
  const lines = await run(`
    cat >/tmp/slow-gcc <<'END'
#!/bin/sh
gcc "$@"
echo '#define ONE 2' >one.h
END
    chmod 755 /tmp/slow-gcc
    kept /tmp/slow-gcc; said
    echo '#define ONE 2' >one.h; kept /tmp/slow-gcc; said
    objdump -d one.o | grep -c '0x2,%eax'
  `);
  expect(lines).toEqual(['0 served, 1 compiled', '0 served, 1 compiled', '1']);
});

it('compiles anew what is damaged in the cache, or cut short', async () => {
  const lines = await run(`
    kept gcc; cp one.o first.o; said
    for file in cache/entries/*/*; do printf x | dd of="$file" bs=1 seek=100 conv=notrunc status=none; done
    kept gcc; cmp one.o first.o; said
    for file in cache/entries/*/*; do truncate -s 70 "$file"; done
    kept gcc; cmp one.o first.o; said
    for file in cache/manifests/*/*; do truncate -s 9 "$file"; done
    kept gcc; said; kept gcc; said
  `);
  const anew = '0 served, 1 compiled';
  expect(lines).toEqual([anew, anew, anew, anew, '1 served, 0 compiled']);
});

it('compiles without a place to keep anything', async () => {
  const lines = await run(`
    export DEVBOX_COMPILE_CACHE=/proc/nowhere; kept gcc; rm one.o; kept gcc; test -s one.o; said
    unset DEVBOX_COMPILE_CACHE; rm one.o; kept gcc; test -s one.o; echo done
  `);
  expect(lines).toEqual(['0 served, 2 compiled', 'done']);
});

it('answers what Kbuild asks of the compiler, by the text that is asked with', async () => {
  const lines = await run(`
    ask() { /tmp/compile-cache gcc "$@"; }
    for text in A B A; do echo "$text" | ask -E -P -x c -; done
    for name in 1 2; do ask -Werror -c -x c /dev/null -o ".tmp_$name"; test -s ".tmp_$name"; done
    ask -Wa,--version -c -x assembler-with-cpp /dev/null -o /dev/null | head -1 | grep -c assembler
    find cache/entries -type f | wc -l
    for round in 1 2; do code=0; ask -Werror -fno-such-option -c -x c /dev/null -o .tmp 2>/dev/null || code=$?; echo "$code"; done
    find cache/entries -type f | wc -l
  `);
  expect(lines).toEqual(['A', 'B', 'A', '1', '4', '1', '1', '4']);
});

it('leaves at most as much as it was told, of what was used last', async () => {
  const lines = await run(`
    for one in 1 2 3; do
      echo "#define ONE $one" >one.h; settled one.h; kept gcc
      touch -d "$((4 - one)) days ago" cache/entries/*/*
    done
    echo '#define ONE 4' >one.h; settled one.h; kept gcc
    each=$(stat -c '%b' cache/entries/*/* | sort -n | tail -1)
    /tmp/compile-cache --end $((each * 512 * 2))
    find cache/entries -type f | wc -l
    rm -f /tmp/compile-cache-known; kept gcc; said
    touch -d '2 days ago' cache/parts/killed; /tmp/compile-cache --end 0 >/dev/null; find cache/entries cache/parts -type f | wc -l
  `);
  expect(lines[0]).toBe('compile-cache: 0 served, 4 compiled');
  expect(Number(lines[1])).toBeLessThanOrEqual(2);
  expect(Number(lines[1])).toBeGreaterThan(0);
  expect(lines[3]).toBe('0');
});

it('serves many at once', async () => {
  const lines = await run(`
    for n in $(seq 40); do
      sed "s/one(/one_$n(/" one.c >"f$n.c"
    done
    settled f40.c
    all() { seq 40 | xargs -P 8 -I% /tmp/compile-cache gcc -Wp,-MMD,f%.d -c -o f%.o f%.c; }
    all; sha256sum f*.o >sums; rm f*.o; said; all; sha256sum --quiet -c sums; said
  `);
  expect(lines).toEqual(['0 served, 40 compiled', '40 served, 0 compiled']);
});
