/** Characters of one line. */
const mostOfLine = 1_000;
/** Characters that are sent as they come; what follows waits for the end of the attempt, and so many of it are kept. */
const mostBegin = 16_000;
const mostEnd = 16_000;

/**
 * What an attempt logs, for the store: its first lines with the next report, its last ones with its result. A program
 * that prints without end costs no more than these.
 */
export class AttemptLog {
  #begin: string[] = [];
  #beginSize = 0;
  readonly #end: string[] = [];
  #endSize = 0;
  #leftOut = 0;

  add(text: string): void {
    for (const line of text.split('\n')) this.#add(line.slice(0, mostOfLine));
  }

  /** What goes with the next report, or with the result (`isLast`): nothing is taken twice. */
  taken(isLast: boolean): { readonly log?: readonly string[] } {
    const lines = this.#begin;
    this.#begin = [];
    if (isLast) {
      if (this.#leftOut > 0) lines.push(`(${this.#leftOut} lines left out)`);
      lines.push(...this.#end.splice(0));
      this.#leftOut = 0;
    }
    return lines.length > 0 ? { log: lines } : {};
  }

  #add(line: string): void {
    const size = line.length + 1;
    if (this.#end.length === 0 && this.#beginSize + size <= mostBegin) {
      this.#begin.push(line);
      this.#beginSize += size;
      return;
    }
    this.#end.push(line);
    this.#endSize += size;
    while (this.#endSize > mostEnd) {
      this.#endSize -= (this.#end.shift()?.length ?? 0) + 1;
      this.#leftOut++;
    }
  }
}
