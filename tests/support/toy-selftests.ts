import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeToyKernel } from './toy-kernel.ts';

/**
 * A kernel tree with selftests of sched_ext that the host can run: `good`, which needs two BPF programs, and `bad`, which does
 * not compile.
 */
export function writeToySelftests(dir: string, cases: readonly ('good' | 'bad')[]): void {
  writeToyKernel(dir);
  const tests = join(dir, 'tools/testing/selftests/sched_ext');
  mkdirSync(tests, { recursive: true });
  const files = {
    Makefile: makefile(cases),
    'runner.c': 'int run(void);\nint main(void) { return run(); }\n',
    'one.bpf.c': 'enum { ONE };\n',
    'two.bpf.c': 'enum { TWO = ONE };\n',
    'good.c': '#include "one.bpf.skel.h"\n#include "two.bpf.skel.h"\nint run(void) { return TWO; }\n',
    'bad.c': 'int run(void) { return undeclared; }\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(tests, name), text);
}

/** The names and targets of the kernel's own that building it relies on. */
const makefile = (cases: readonly string[]) => `
OBJ_DIR := $(OUTPUT)/build/obj/sched_ext
auto-test-targets := ${cases.join(' ')}
SKELETONS := $(OUTPUT)/build/include
all_test_bpfprogs := $(SKELETONS)/one.bpf.skel.h $(SKELETONS)/two.bpf.skel.h
testcases := $(addprefix $(OBJ_DIR)/,$(addsuffix .o,$(auto-test-targets)))

$(OUTPUT)/build/obj/libbpf/libbpf.a $(OUTPUT)/build/include/vmlinux.h:
	mkdir -p $(@D)
	touch $@
$(SKELETONS)/%.bpf.skel.h: %.bpf.c
	mkdir -p $(@D)
	cp $< $@
$(testcases): $(all_test_bpfprogs)
$(OBJ_DIR)/%.o: %.c
	mkdir -p $(@D)
	$(CC) -I$(SKELETONS) -c $< -o $@
$(OUTPUT)/runner: $(OBJ_DIR)/runner.o $(testcases)
	$(CC) -o $@ $^
`;
