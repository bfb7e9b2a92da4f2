import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reports of each trial before its result. */
export const reportsOfATrial = 3;

/** What the trials log, in the folder of their module: one line when they begin, one when they have ended. */
const logFile = 'trained.log';

/**
 * The module that is trained: y = x, with a number that no other launch has, in every report and in the result, so that
 * the audit can tell which launch the store believes.
 */
export const objectiveSource = `import { appendFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';

const log = (line) => appendFileSync(new URL('${logFile}', import.meta.url), line + '\\n');
const pause = () => new Promise((resolve) => setTimeout(resolve, randomInt(8)));

export default async function objective({ x }, trial) {
  const launch = randomInt(2 ** 47);
  log(\`begun \${x} \${launch}\`);
  for (let step = 1; step <= ${reportsOfATrial}; step++) {
    await pause();
    if (trial.signal.aborted) return undefined;
    trial.report({ y: x, launch }, step);
  }
  log(\`ended \${x} \${launch}\`);
  return { y: x, launch };
}
`;

export interface Launches {
  /** Launches that were begun, and that ran to their end, by x. */
  readonly begun: ReadonlyMap<number, readonly number[]>;
  readonly ended: ReadonlyMap<number, readonly number[]>;
}

/** What the workers themselves say that they did. */
export async function readLaunches(directory: string): Promise<Launches> {
  const launches = { begun: new Map<number, number[]>(), ended: new Map<number, number[]>() };
  const text = await readFile(join(directory, logFile), 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [, what, x, launch] = /^(begun|ended) (\d+) (\d+)$/.exec(line) ?? [];
    if (what === undefined) continue;
    const of = launches[what as 'begun' | 'ended'];
    of.set(Number(x), [...(of.get(Number(x)) ?? []), Number(launch)]);
  }
  return launches;
}

/** Follows how many trials were trained to their end, however often. */
export class Trained {
  #read = 0;
  #count = 0;
  #rest = '';

  constructor(private readonly directory: string) {}

  async count(): Promise<number> {
    const text = await readFile(join(this.directory, logFile), 'latin1').catch(() => '');
    const lines = (this.#rest + text.slice(this.#read)).split('\n');
    this.#read = text.length;
    this.#rest = lines.pop() ?? '';
    this.#count += lines.filter((line) => line.startsWith('ended')).length;
    return this.#count;
  }
}
