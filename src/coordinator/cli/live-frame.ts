/** As much of a terminal as a picture needs. */
export type Terminal = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'on' | 'off'>;

const escape = '\u001b[';
const begin = `${escape}?1049h${escape}?25l`;
const end = `${escape}?25h${escape}?1049l`;
/** Terminals that know it show a frame when it is whole; others leave it out. */
const frameBegins = `${escape}?2026h${escape}H`;
const frameEnds = `${escape}?2026l`;
const restOfLine = `${escape}K`;
const restOfScreen = `${escape}J`;

/**
 * A picture that is drawn again and again over a whole terminal, on its second screen: what was there before comes back
 * at the end, whatever sizes the window had meanwhile. A frame overwrites the last one line by line, so nothing flickers.
 */
export class LiveFrame {
  #isOpen = false;
  readonly #onResize: () => void;

  /** @param onResize the next frame should come soon */
  constructor(
    private readonly terminal: Terminal,
    onResize: () => void,
  ) {
    this.#onResize = onResize;
  }

  /** Columns that a line may have. */
  get width(): number {
    return Math.max(1, this.terminal.columns || 80);
  }

  /** Lines that do not fit are left out, the last ones first. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.terminal.on('resize', this.#onResize);
      this.terminal.write(begin);
    }
    const shown = lines.slice(0, Math.max(1, this.terminal.rows || 24));
    const text = shown.map((line) => `${line}${restOfLine}`).join('\n');
    this.terminal.write(`${frameBegins}${text}${restOfScreen}${frameEnds}`);
  }

  /** The terminal is as it was before; may be called more than once. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.terminal.off('resize', this.#onResize);
    this.terminal.write(end);
  }
}
