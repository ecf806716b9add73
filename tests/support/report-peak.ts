/** Loaded into devbox by NODE_OPTIONS: writes the most memory that Node ever held, KiB, to the file that PEAK_FILE names. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  writeFileSync(process.env.PEAK_FILE ?? '/dev/null', String(process.resourceUsage().maxRSS));
});
