import { JSON_FLAG } from './json-flag.ts';
import { KERNEL_COMMAND } from './kernel-command.ts';
import type { CommandSpec, EnvironmentSpec, FlagSpec } from './table.ts';
import { testCommand } from './test-command.ts';

/**
 * Everything devbox understands on its command line. Parsing, help and completion are all made from this table, so that
 * they cannot disagree.
 */

/** Understood before and after every command. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'help', short: 'h', summary: 'Show help for the command and do nothing else' },
  {
    name: 'color',
    value: { label: 'WHEN', choices: ['auto', 'always', 'never'] },
    summary: 'Colours: auto (on a terminal, unless NO_COLOR is set), always or never',
  },
  { name: 'debug', summary: 'Show stack traces and the whole cause of an error' },
];

/** Understood only without a command. */
export const TOP_FLAGS: readonly FlagSpec[] = [
  ...GLOBAL_FLAGS,
  { name: 'version', summary: 'Print the version and do nothing else' },
];

const GUEST_FLAGS: readonly FlagSpec[] = [
  {
    name: 'smp',
    value: { label: 'N|TOPOLOGY' },
    summary: 'vCPUs: a number, or sockets=2,cores=2,threads=2 (default: as many as the host has, at most 4)',
  },
  { name: 'memory', value: { label: 'SIZE' }, summary: 'Memory of the guest, at least 128M (default 1G)' },
  {
    name: 'share',
    value: { label: 'DIR[:GUEST][:ro]', completion: 'directory' },
    repeatable: true,
    summary: 'Directory to show in the guest (default: the current one, read-write, at the same path)',
  },
  { name: 'no-share', summary: 'Share nothing' },
  {
    name: 'kernel',
    value: { label: 'KERNEL', completion: 'kernel' },
    summary:
      'Kernel: a name, a version of Debian (debian:7.2.12), or a path to a bzImage, vmlinuz or built tree (default scx)',
  },
  {
    name: 'accel',
    value: { label: 'HOW', choices: ['auto', 'kvm', 'tcg'] },
    summary: 'auto uses KVM when it really works here, else TCG, which emulates (default auto)',
  },
  {
    name: 'timeout',
    value: { label: 'TIME' },
    summary:
      'End what runs in the guest after this long: 90s, 5m (default: for `run` 2m, longer when emulated)',
  },
  {
    name: 'append',
    value: { label: 'WORDS' },
    repeatable: true,
    summary: "Words for the guest kernel's command line",
  },
  { name: 'fresh-boot', summary: 'Boot, instead of cloning a guest that was booted before' },
];

const OUTPUT_FLAGS: readonly FlagSpec[] = [
  { name: 'json', summary: 'Print every event as a line of JSON (docs/run-record.md)' },
  { name: 'quiet', short: 'q', summary: 'Print only the verdict' },
];

const ENTER_FLAG: FlagSpec = {
  name: 'run',
  value: { label: 'ID', completion: 'guest' },
  summary: 'In a guest that runs already, by its id in `devbox ps`, instead of one of its own',
};

const RUN_ID = { label: 'ID', completion: 'run' } as const;

const TYPES_FLAG: FlagSpec = {
  name: 'types',
  value: { label: 'HOW', choices: ['warn', 'error', 'off'] },
  summary:
    "What becomes of mistakes that tsc finds in a policy's file: told, refused, or not looked for (default warn)",
};

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'run',
    summary: 'Boot a guest, run a scheduler in it and put load on it; say how it went',
    details: [
      'AGENT is one of `devbox agent list`, a path to a scheduling policy in TypeScript or JavaScript (.ts, .mts, .js, .mjs), or a path to an executable that loads a scheduler and stays until SIGINT.',
      'The exit code tells the verdict: 0 passed, 1 test-failed, 101 agent-failed, 102 scheduler-ejected, 103 kernel-panic, 104 kernel-splat, 105 guest-hang, 106 boot-failed, 107 infrastructure-failed, 108 inconclusive, 130 cancelled; 64 wrong usage, 69 the host lacks something, 70 a bug in devbox.',
    ],
    examples: [
      ['devbox run --smp 4 fifo', 'first in, first out on four vCPUs'],
      ['devbox run fifo -- --slice 5ms', 'with an argument for the agent'],
      ['devbox run ./my-policy.ts', 'a policy of your own; `devbox agent new` writes one to start from'],
      ["devbox run --workload './test.sh' ./build/scx_mine", 'your own scheduler, your own test'],
    ],
    flags: [
      ...GUEST_FLAGS,
      {
        name: 'workload',
        value: { label: "NAME[:ARGS]|'COMMAND'", completion: 'workload' },
        summary: 'What to run under the scheduler: a name from `devbox workload list`, or a shell command',
      },
      TYPES_FLAG,
      {
        name: 'watch',
        summary: 'Run again whenever the policy, what it imports, or the executable is saved; until Ctrl-C',
      },
      ...OUTPUT_FLAGS,
    ],
    args: [{ label: 'AGENT', required: true, completion: 'agent-or-path' }],
    rest: { label: 'AGENT ARGS', required: false, summary: 'Arguments for the agent' },
  },
  {
    name: 'sim',
    summary: 'Run a scheduling policy in a simulator: the same policy and the same events, without a guest',
    details: [
      'POLICY is one of those in `devbox agent list` that are written in TypeScript, or the path of a policy (.ts, .mts, .js, .mjs). The same seed gives the same simulation. A mistake of the policy is told with file and line; the exit code is 101 then, and 64 for wrong usage.',
    ],
    examples: [
      ['devbox sim fifo', 'four CPUs, one second'],
      [
        'devbox sim --smp 64 --duration 10s ./my-policy.ts -- --slice 1ms',
        'your own, with an argument for it',
      ],
      ["devbox sim --workload 'spin: --threads 12' --seed 7 fifo", 'another load'],
    ],
    flags: [
      {
        name: 'smp',
        value: { label: 'N|TOPOLOGY' },
        summary: 'CPUs: a number, or sockets=2,cores=4,threads=2 (default 4)',
      },
      {
        name: 'workload',
        value: { label: 'NAME[:ARGS]', completion: 'sim-workload' },
        summary: 'What runs: a name that --list shows (default demo)',
      },
      { name: 'seed', value: { label: 'N' }, summary: 'For all that is random in it (default 1)' },
      { name: 'duration', value: { label: 'TIME' }, summary: 'Simulated time: 500ms, 10s (default 1s)' },
      {
        name: 'agent-latency',
        value: { label: 'TIME' },
        summary: 'From an event to the decision about it, as 20us (default: at once)',
      },
      {
        name: 'timeline',
        value: { label: 'TIME' },
        summary: 'How much of the beginning to draw; 0: nothing (default 50ms)',
      },
      TYPES_FLAG,
      { name: 'list', summary: 'List the workloads of the simulator, and their flags' },
      { name: 'json', summary: 'Print all figures, and the timeline, as JSON' },
    ],
    args: [{ label: 'POLICY', required: false, completion: 'policy-or-path' }],
    rest: { label: 'POLICY ARGS', required: false, summary: 'Arguments for the policy' },
  },
  {
    name: 'exec',
    summary: 'Boot a guest, run one command in it, pass its output and exit code through',
    examples: [
      ['devbox exec -- uname -a', ''],
      ['cat data | devbox exec -- sha256sum', 'standard input is passed through, too'],
      ['devbox exec --run latest -- dmesg', 'in the guest that was started last and still runs'],
    ],
    flags: [ENTER_FLAG, ...GUEST_FLAGS, ...OUTPUT_FLAGS],
    rest: { label: 'COMMAND', required: true, summary: 'The command and its arguments' },
  },
  {
    name: 'shell',
    summary: 'Boot a guest and open an interactive shell in it; or in one that runs already',
    details: [
      'What is done in a guest that runs already (--run) is part of its run: complaints of the kernel are found there, and it ends when that run does.',
    ],
    examples: [
      ['devbox shell --smp 2', ''],
      ['devbox shell --run latest', 'a second terminal in the guest that was started last'],
    ],
    flags: [ENTER_FLAG, ...GUEST_FLAGS],
    rest: { label: 'COMMAND', required: false, summary: 'Run this instead of a shell' },
  },
  testCommand([
    ...GUEST_FLAGS.filter(({ name }) => !['kernel', 'smp', 'timeout'].includes(name)),
    ...OUTPUT_FLAGS,
  ]),
  {
    name: 'agent',
    summary: 'The schedulers that come with devbox, and new ones of your own',
    commands: [
      { name: 'list', summary: 'List them', flags: [JSON_FLAG] },
      {
        name: 'show',
        summary: 'What one does, its arguments and what it needs of the kernel',
        flags: [JSON_FLAG],
        examples: [
          ['devbox agent show fifo', ''],
          ['devbox agent show ./my-policy.ts', 'what a policy of your own says of itself'],
        ],
        args: [{ label: 'NAME|FILE', required: true, completion: 'agent-or-path' }],
      },
      {
        name: 'new',
        summary: 'Write a scheduling policy that works, with its test, to start from',
        details: [
          'It writes NAME.ts and NAME.test.ts, and, where they are missing, tsconfig.json, package.json and links to this devbox and its TypeScript in node_modules, so that editors, `npx tsc` and `npm test` find them. Nothing is overwritten.',
        ],
        examples: [['devbox agent new my-policy', 'then: devbox run ./my-policy.ts']],
        flags: [
          {
            name: 'dir',
            value: { label: 'DIR', completion: 'directory' },
            summary: 'Where to write it; made when it does not exist (default: the current directory)',
          },
        ],
        args: [{ label: 'NAME', required: true }],
      },
    ],
  },
  {
    name: 'workload',
    summary: 'The workloads that come with devbox',
    commands: [{ name: 'list', summary: 'List them', flags: [JSON_FLAG] }],
  },
  KERNEL_COMMAND,
  {
    name: 'runs',
    summary: 'Past runs of this directory',
    commands: [
      { name: 'list', summary: 'List them, newest first', flags: [JSON_FLAG] },
      {
        name: 'show',
        summary: 'How one ended (default: the latest)',
        flags: [JSON_FLAG],
        args: [{ ...RUN_ID, required: false }],
      },
      {
        name: 'replay',
        summary: 'Print again what it printed',
        flags: OUTPUT_FLAGS,
        args: [{ ...RUN_ID, required: true }],
      },
    ],
  },
  { name: 'ps', summary: 'List the guests that are running', flags: [JSON_FLAG] },
  {
    name: 'gc',
    summary: 'Remove what crashed runs left behind, and artifacts that were not used for long',
    flags: [
      {
        name: 'max-size',
        value: { label: 'SIZE' },
        summary: 'Remove the least recently used artifacts until the store is no larger than this',
      },
      { name: 'dry-run', summary: 'Say what would be removed, remove nothing' },
      JSON_FLAG,
    ],
  },
  {
    name: 'doctor',
    summary: 'Check whether this machine has what runs need, and say how to mend what is missing',
    flags: [JSON_FLAG],
  },
  {
    name: 'setup',
    summary: 'Install what is missing (Debian, Ubuntu), or say how (elsewhere)',
    flags: [{ name: 'yes', short: 'y', summary: 'Do not ask' }],
  },
  {
    name: 'completion',
    summary: 'Print a completion script for a shell',
    examples: [
      ['source <(devbox completion bash)', 'in ~/.bashrc'],
      ['source <(devbox completion zsh)', 'in ~/.zshrc, after compinit'],
      ['devbox completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
    args: [{ label: 'SHELL', required: true, choices: ['bash', 'zsh', 'fish'] }],
  },
  {
    name: 'help',
    summary: 'Show help for a command',
    args: [{ label: 'COMMAND', required: false, repeatable: true, completion: 'command' }],
  },
  { name: 'version', summary: 'Print the version' },
  {
    name: '__complete',
    summary: 'Candidates for the last word, for completion scripts',
    rest: { label: 'WORDS', required: false, summary: '' },
    hidden: true,
  },
];

export const ENVIRONMENT: readonly EnvironmentSpec[] = [
  { name: 'DEVBOX_CACHE', summary: 'Where kernels, images and builds are kept (default ~/.cache/devbox)' },
  { name: 'XDG_RUNTIME_DIR', summary: 'Where sockets of running guests lie (default /tmp/devbox-UID)' },
  { name: 'NO_COLOR', summary: 'Any value: no colours' },
];
