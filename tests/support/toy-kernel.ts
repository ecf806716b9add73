import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Looks like a kernel tree to everything that builds kernels, and is compiled in a second. Nothing can boot it. */
export function writeToyKernel(dir: string): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, name), text);
}

/** The processes of builds with CONFIG_SLOW that still run. */
export function slowProcesses(): string[] {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return all.filter((args) => args === `sleep ${SLOW_SECONDS}`);
}

/** Tells the processes of one test run from those of another. */
const SLOW_SECONDS = 600 + process.pid / 1e7;

export const TOY_OBJECTS = ['banner', 'one', 'two'] as const;

const KCONFIG = `mainmenu "Toy"

config TOY
	bool "A toy"

config DEEP
	bool "What others need"

config NEEDS_DEEP
	bool "Needs something"
	depends on DEEP

config SLOW
	bool "An object that never ends"
`;

/** The targets that a build of a real kernel calls; the configuration is resolved by kconfiglib. */
const MAKEFILE = `VERSION = 6
PATCHLEVEL = 99
SUBLEVEL = 0
EXTRAVERSION =
NAME = Toy

KCONFIG_CONFIG = $(O)/.config
export KCONFIG_CONFIG
OBJECTS = $(addprefix $(O)/,${TOY_OBJECTS.map((name) => `${name}.o`).join(' ')})

tinyconfig:
	@: >$(KCONFIG_CONFIG)
olddefconfig:
	@python3 -c 'import kconfiglib; k = kconfiglib.Kconfig("Kconfig", warn=False); k.load_config(); k.write_config()' >/dev/null
prepare:
	@:
$(O)/%.o: %.c
	@echo '  CC      $*.o'
	@if grep -q SLOW=y $(KCONFIG_CONFIG); then sleep ${SLOW_SECONDS}; fi
	@$(CC) -c -ffreestanding -o $@ $<
vmlinux: $(OBJECTS)
	@echo '  LD      vmlinux'
	@ld --build-id=none -e 0 -o $(O)/vmlinux $(OBJECTS)
bzImage: vmlinux
	@mkdir -p $(O)/arch/x86/boot
	@cp $(O)/vmlinux $(O)/arch/x86/boot/bzImage
	@nm $(O)/vmlinux >$(O)/System.map
headers:
	@mkdir -p $(O)/usr/include/linux
	@echo '#define TOY 1' >$(O)/usr/include/linux/toy.h
.PHONY: tinyconfig olddefconfig prepare vmlinux bzImage headers
`;

const FILES: Readonly<Record<string, string>> = {
  Makefile: MAKEFILE,
  Kconfig: KCONFIG,
  'banner.c': 'const char linux_banner[] = "Linux version 6.99.0 (devbox@devbox) (gcc) #1 SMP\\n";\n',
  'one.c': 'int one(void) { return 1; }\n',
  'two.c': 'int two(void) { return 2; }\n',
};
