import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Trials in a pack, where nothing else limits them. */
export const mostPacked = 64;
/** Sizes that a worker tells of, and that it remembers on disk. */
const mostAnnounced = 64;
const mostRemembered = 1000;

const entrySchema = z.object({
  size: z.int().positive(),
  /** What it was limited to when it was found. */
  most: z.int().positive(),
  /** Milliseconds since the epoch. */
  at: z.number(),
});
const fileSchema = z.record(z.string(), entrySchema);
type Entry = z.infer<typeof entrySchema>;

/**
 * How many trials of a pack key pay to train together in one slot of this worker: found out once, and remembered on
 * disk for each key and device.
 */
export class PackSizes {
  #entries: Record<string, Entry> = {};
  /** Of this process's life, the last one last. */
  readonly #used = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  /** @param file absent: nothing is remembered */
  constructor(
    private readonly file?: string,
    private readonly log: (text: string) => void = () => undefined,
  ) {}

  /** @param device what trains, in words: another device has other sizes */
  static async open(
    directory: string,
    device: string,
    log: (text: string) => void = () => undefined,
  ): Promise<PackSizes> {
    const print = createHash('sha256').update(device).digest('hex').slice(0, 12);
    const sizes = new PackSizes(join(directory, `pack-sizes-${print}.json`), log);
    sizes.#entries = await sizes.#read();
    return sizes;
  }

  /** @param most trials of the key that may come together. @returns undefined: to be found out */
  find(key: string, most = mostPacked): number | undefined {
    const entry = Object.hasOwn(this.#entries, key) ? this.#entries[key] : undefined;
    if (!entry || (entry.size === entry.most && most > entry.most)) return undefined;
    this.#use(key, entry.size);
    return entry.size;
  }

  note(key: string, size: number, most = mostPacked): void {
    this.#entries[key] = { size, most, at: Date.now() };
    this.#use(key, size);
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch((error: unknown) => this.log(`sizes of packs are not remembered: ${String(error)}`));
  }

  /** For the fleet. */
  get announced(): { key: string; size: number }[] {
    return [...this.#used].slice(-mostAnnounced).map(([key, size]) => ({ key, size }));
  }

  /** Resolves when all that was noted is on disk. */
  async written(): Promise<void> {
    await this.#writing;
  }

  #use(key: string, size: number): void {
    this.#used.delete(key);
    this.#used.set(key, size);
  }

  async #read(): Promise<Record<string, Entry>> {
    if (this.file === undefined) return {};
    const text = await readFile(this.file, 'utf8').catch(() => '{}');
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      // Of another release, or half of it: it is found out again.
      return {};
    }
  }

  /** Other workers of this machine write it too. */
  async #write(): Promise<void> {
    if (this.file === undefined) return;
    const all = Object.entries({ ...(await this.#read()), ...this.#entries });
    const newest = all.sort(([, a], [, b]) => b.at - a.at).slice(0, mostRemembered);
    await mkdir(dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${process.pid}`;
    await writeFile(temporary, JSON.stringify(Object.fromEntries(newest)));
    await rename(temporary, this.file);
  }
}
