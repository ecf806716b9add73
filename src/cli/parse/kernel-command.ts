import { JSON_FLAG } from './json-flag.ts';
import type { CommandSpec } from './table.ts';

/** `devbox kernel …` */
export const KERNEL_COMMAND: CommandSpec = {
  name: 'kernel',
  summary: 'The kernels that can be booted: build, fetch, look at, remove',
  commands: [
    {
      name: 'build',
      summary: 'Build a kernel, in Docker or in the embedded build root, and keep it in the store',
      details: [
        'NAME is one of `devbox kernel list`, or of devbox.config; --source alone builds with the configuration of scx-6.12. What is in the store already is not built again.',
        'SOURCE is a directory, a git URL#ref, an archive (path or URL)#sha256=DIGEST, or debian:PACKAGE[=VERSION].',
        'What a named kernel was built from is written to devbox.lock, and held to until --update.',
      ],
      examples: [
        ['devbox kernel build scx-6.12', 'then: devbox run --kernel scx-6.12 fifo'],
        [
          'devbox kernel build scx-6.12 --source ../linux --config debug',
          'your tree, with lockdep and KASAN',
        ],
        ['devbox kernel build --source https://git.example.org/linux.git#v6.14', 'a tag of a repository'],
      ],
      flags: [
        {
          name: 'source',
          value: { label: 'SOURCE', completion: 'directory' },
          summary: 'Build this instead of the sources that NAME has',
        },
        {
          name: 'config',
          value: { label: 'FRAGMENT', completion: 'fragment' },
          repeatable: true,
          summary: 'Merge one more fragment: a name (debug, tracing, …) or a file',
        },
        {
          name: 'set',
          value: { label: 'CONFIG_X=y' },
          repeatable: true,
          summary: 'Set one option, after all fragments',
        },
        {
          name: 'builder',
          value: { label: 'HOW', choices: ['auto', 'docker', 'embedded'] },
          summary: 'Where to build: auto takes Docker when a daemon answers (default auto)',
        },
        {
          name: 'image',
          value: { label: 'DIR', completion: 'directory' },
          summary: 'Build in the image of the Dockerfile in this directory',
        },
        {
          name: 'jobs',
          short: 'j',
          value: { label: 'N' },
          summary: 'Compile so many files at a time (default: one for each CPU)',
        },
        { name: 'no-compile-cache', summary: 'Compile everything, also what was compiled before' },
        {
          name: 'memory',
          value: { label: 'SIZE' },
          summary: 'What the build may use of memory: 4G (default: no limit)',
        },
        {
          name: 'keep-going',
          summary: 'Build even when the configuration lacks options that were asked for',
        },
        { name: 'frozen', summary: 'Refuse to build from anything but what devbox.lock says' },
        { name: 'update', summary: 'Take the newest sources, and move devbox.lock' },
        { name: 'offline', summary: 'Use no network' },
        { name: 'json', summary: 'Print every event as a line of JSON, the kernel last' },
        { name: 'quiet', short: 'q', summary: 'Print only the key of the kernel' },
      ],
      args: [{ label: 'NAME', required: false, completion: 'kernel-name' }],
    },
    { name: 'list', summary: 'List them, and what is in the store of each', flags: [JSON_FLAG] },
    {
      name: 'show',
      summary: 'What one is made of; release, features and files of what is in the store',
      flags: [JSON_FLAG],
      args: [{ label: 'KERNEL', required: true, completion: 'kernel' }],
    },
    {
      name: 'config',
      summary: 'The configuration of one, as it came out; resolved without compiling when it is not built',
      details: ['With --diff, the options that differ between two.'],
      examples: [
        ['devbox kernel config scx-6.12', 'the whole .config'],
        ['devbox kernel config --diff scx-6.12 ../linux', ''],
      ],
      flags: [{ name: 'diff', summary: 'Compare two kernels' }, JSON_FLAG],
      args: [
        { label: 'KERNEL', required: true, completion: 'kernel' },
        { label: 'OTHER', required: false, completion: 'kernel' },
      ],
    },
    {
      name: 'fetch',
      summary: 'Fetch a kernel that Debian ships built',
      flags: [JSON_FLAG, { name: 'quiet', short: 'q', summary: 'Print only the key of the kernel' }],
      args: [{ label: 'NAME', required: true, completion: 'kernel-name' }],
    },
    {
      name: 'rm',
      summary: 'Remove kernels from the store, by name, release or key',
      flags: [JSON_FLAG],
      args: [{ label: 'KERNEL', required: true, repeatable: true, completion: 'kernel' }],
    },
  ],
};
