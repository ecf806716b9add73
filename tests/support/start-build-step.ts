/** A process to be killed: starts a build step in the sandbox, which would sleep for long. Says so on its standard output. */
import { bubblewrapArgs } from '../../src/build/root/bubblewrap-args.ts';
import { runLogged } from '../../src/build/run-logged.ts';

const mark = process.env.MARK ?? '';
process.stdout.write('starting\n');
await runLogged({
  argv: bubblewrapArgs('/', { argv: ['sleep', '1000'], env: { MARK: mark } }, process.getuid?.() ?? 0),
  name: 'sleep',
  title: 'Sleeping',
  failure: { code: 'sleep-failed' },
});
