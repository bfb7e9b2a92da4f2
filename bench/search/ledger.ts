import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const Line = z.object({ key: z.string(), figures: z.array(z.number()) });

/**
 * What runs gave, one JSON line each in a file, so that a benchmark of an hour can be made in slices: a run that is in
 * it is not made again. Keys name all that a result depends on, the code included (`codeVersion`).
 */
export class Ledger {
  readonly #figures = new Map<string, readonly number[]>();

  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n').filter((written) => written !== '')) {
      const { key, figures } = Line.parse(JSON.parse(line));
      this.#figures.set(key, figures);
    }
  }

  get(key: string): readonly number[] | undefined {
    return this.#figures.get(key);
  }

  add(key: string, figures: readonly number[]): void {
    this.#figures.set(key, figures);
    appendFileSync(this.path, `${JSON.stringify({ key, figures })}\n`);
  }
}

/** Eight digits that change with the text of any of these files, and of any TypeScript file in these folders. */
export function codeVersion(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const files = statSync(path).isFile()
      ? [path]
      : readdirSync(path, { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .sort()
          .map((file) => join(path, file));
    for (const file of files) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 8);
}
