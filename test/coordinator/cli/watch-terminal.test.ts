import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { storeRichSweep } from '../../dashboard/support/rich-sweep.js';
import { temporaryStore } from './stored-sweeps.js';

const program = fileURLToPath(new URL('../../../dist/coordinator/cli/main.js', import.meta.url));
const script = '/usr/bin/script';
const patience = { timeout: 60_000, interval: 50 };

/** `coordinator watch` in a terminal of its own (`script` makes one), with all that it wrote there. */
class Terminal {
  output = '';
  code: number | undefined;
  readonly #child: ChildProcess;

  constructor(
    private readonly directory: string,
    columns: number,
    rows: number,
  ) {
    const name = join(directory, 'tty');
    const watch = `stty cols ${columns} rows ${rows}; tty > ${name}; ${process.execPath} ${program} watch --interval 0.2 --dir ${directory}`;
    this.#child = spawn(script, ['-qec', watch, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.#child.on('exit', (code) => (this.code = code ?? -1));
  }

  /** What one sees: the last frame that came whole, line by line. */
  get frame(): string[] {
    const frames = this.output.split('\u001b[?2026h\u001b[H').slice(1);
    const whole = frames.filter((frame) => frame.includes('\u001b[?2026l')).at(-1) ?? '';
    return (whole.split('\u001b[?2026l')[0] ?? '')
      .replaceAll('\u001b[K', '')
      .replace('\u001b[J', '')
      .split('\r\n');
  }

  resize(columns: number, rows: number): void {
    const tty = readFileSync(join(this.directory, 'tty'), 'utf8').trim();
    execFileSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  kill(): void {
    if (this.code === undefined) this.#child.kill('SIGKILL');
  }
}

describe.skipIf(!existsSync(script))('watch in a terminal', () => {
  let temporary: Awaited<ReturnType<typeof temporaryStore>>;
  let terminal: Terminal;
  beforeAll(async () => {
    temporary = await temporaryStore();
    await storeRichSweep(temporary.store);
  });
  afterAll(() => temporary.close());
  afterEach(() => terminal.kill());
  const widest = () => Math.max(...terminal.frame.map((line) => [...line].length));

  it('watch - draws over the last frame, follows the size of the window, and gives the terminal back', async () => {
    terminal = new Terminal(temporary.directory, 90, 30);
    await expect.poll(() => terminal.frame[0], patience).toMatch(/^har-gru \(/);
    await expect.poll(() => terminal.frame.join('\n'), patience).toContain('gpu-01-a');
    expect(widest()).toBeLessThanOrEqual(90);
    terminal.resize(34, 8);
    await expect.poll(widest, patience).toBeLessThanOrEqual(34);
    await expect.poll(() => terminal.frame.length, patience).toBeLessThanOrEqual(8);
    terminal.resize(120, 40);
    await expect.poll(widest, patience).toBeGreaterThan(60);
    // Nothing is wiped before it is drawn: that is what flickers.
    expect(terminal.output).not.toContain('\u001b[2J');
    terminal.type('\u0003');
    await expect.poll(() => terminal.code, patience).toBe(130);
    const [seen = '', left = ''] = terminal.output.split('\u001b[?25h\u001b[?1049l');
    expect(seen.indexOf('\u001b[?1049h\u001b[?25l')).toBeGreaterThanOrEqual(0);
    // What was seen last stays on the first screen.
    expect(left).toMatch(/har-gru \([\s\S]*gpu-01-a/);
  }, 180_000);
});
