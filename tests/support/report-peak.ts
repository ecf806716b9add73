/** Loaded into devbox by NODE_OPTIONS: writes the most memory that Node ever held, KiB, to the file that PEAK_FILE names. */
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  // Not getrusage's maximum: that begins with the size of whoever started this process.
  const [, peak = ''] = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  writeFileSync(process.env.PEAK_FILE ?? '/dev/null', peak);
});
