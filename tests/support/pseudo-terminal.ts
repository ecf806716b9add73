import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

export interface PseudoTerminal {
  /** Sends keys. */
  type(keys: string): void;
  /** Resolves when what has been shown since the last call contains the text. */
  shows(text: string): Promise<void>;
  resize(rows: number, cols: number): Promise<void>;
  /** Resolves when the command has ended. */
  readonly ended: Promise<void>;
}

export interface PseudoTerminalOptions {
  /** Shell. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly cols: number;
}

/** A terminal of its own for a command, by util-linux's `script`. */
export async function openTerminal(options: PseudoTerminalOptions): Promise<PseudoTerminal> {
  const { command, cwd, env, rows, cols } = options;
  const setUp = `stty rows ${rows} cols ${cols}; echo "on $(tty)."`;
  const child = spawn('script', ['--quiet', '--flush', '--command', `${setUp}\n${command}`, '/dev/null'], {
    cwd,
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const news = new EventTarget();
  let shown = '';
  let over = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    news.dispatchEvent(new Event('news'));
  });
  const ended = once(child, 'close').then(() => {
    over = true;
    news.dispatchEvent(new Event('news'));
  });
  const take = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(shown);
        if (!found && !over) return;
        news.removeEventListener('news', look);
        if (!found) reject(new Error(`The command ended without showing ${pattern}:\n${shown}`));
        else {
          shown = shown.slice(found.index + found[0].length);
          resolve(found);
        }
      };
      news.addEventListener('news', look);
      look();
    });
  const [, tty = ''] = await take(/on (\S+)\./);
  return {
    type: (keys) => void child.stdin.write(keys),
    shows: async (text) => void (await take(new RegExp(RegExp.escape(text)))),
    resize: async (newRows, newCols) => {
      await promisify(execFile)('stty', ['-F', tty, 'rows', String(newRows), 'cols', String(newCols)]);
    },
    ended,
  };
}
