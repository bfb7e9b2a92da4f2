import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { addonBuild } from '../kernels/native-module.js';
import type { BackendDefinition } from './backend.js';
import { backends, findBackend } from './open-backend.js';
import { probeBackend, slotsFor } from './probe.js';

export interface Choice {
  /** A backend's name. */
  readonly name: string;
  readonly slots: number;
  /** For people, where there is something to say: what was compared, or what could not be as asked for. */
  readonly reason?: string;
}

export interface Wish {
  /** `--backend`: a name, or `auto`. */
  readonly backend: string;
  readonly kernels: string;
  /** `--slots`. @default one a core */
  readonly slots?: number;
  readonly cacheDirectory: string;
}

/** What `auto` chooses among, and how it finds out how good each is. */
export interface Contest {
  /** Those that are installed. */
  readonly candidates: readonly BackendDefinition[];
  readonly probe: typeof probeBackend;
}

const rankingSchema = z.array(z.object({ name: z.string(), total: z.number().positive() }));
type Ranking = z.infer<typeof rankingSchema>;

/**
 * Which backend a worker trains with. `auto` takes the one that trains fastest on this machine as a whole, slots and
 * all, of those that pass the self-test. Where more than what comes with Sweepyard is installed, that is measured, and
 * remembered until the machine, the packages or the native kernels change; not where one of them failed, for it may have
 * been by chance.
 * @param contest @default all backends that are installed, each tried in a process of its own
 * @throws SetupError for a name that no backend has
 */
export async function chooseBackend(wish: Wish, contest: Contest = installed()): Promise<Choice> {
  const { backend, slots, cacheDirectory } = wish;
  if (backend !== 'auto') {
    const definition = findBackend(backend);
    const given = slotsFor(definition, slots);
    const choice = { name: backend, slots: given };
    if (slots === undefined || given === slots) return choice;
    return { ...choice, reason: `it trains in ${given} slot a process, not ${slots}` };
  }
  const { candidates } = contest;
  const [only] = candidates;
  if (candidates.length === 1 && only) return { name: only.name, slots: slotsFor(only, slots) };
  const file = join(cacheDirectory, `backends-${fingerprint(candidates, wish)}.json`);
  const known = await remembered(file);
  const { ranking, failures } = known ? { ranking: known, failures: [] } : await measure(contest, wish);
  if (!known && failures.length === 0) await remember(file, ranking);
  const [best] = ranking;
  const winner = findBackend(best?.name ?? 'wasm');
  const compared = ranking.map(({ name, total }) => `${name} ${Math.round(total)}`).join(', ');
  const when = known ? ', measured earlier' : '';
  const outcome = best ? `the fastest here (samples/s: ${compared}${when})` : 'none passed its self-test';
  return {
    name: winner.name,
    slots: slotsFor(winner, slots),
    reason: [outcome, ...failures].join('; '),
  };
}

function installed(): Contest {
  const candidates = backends.filter((candidate) => candidate.find?.().found ?? true);
  return { candidates, probe: probeBackend };
}

/**
 * Samples a second of the whole machine, fastest first, and why the others are not among them. One after the other: they
 * would disturb each other.
 */
async function measure(
  { candidates, probe }: Contest,
  { kernels, slots }: Wish,
): Promise<{ ranking: Ranking; failures: string[] }> {
  const ranking: { name: string; total: number }[] = [];
  const failures: string[] = [];
  for (const candidate of candidates) {
    const tried = await probe(candidate, kernels, slots);
    if (tried.works) ranking.push({ name: tried.name, total: tried.samplesPerSecond * tried.slots });
    else failures.push(`${tried.name}: ${tried.reason}`);
  }
  return { ranking: ranking.sort((a, b) => b.total - a.total), failures };
}

/** Changes with whatever may change the ranking. */
function fingerprint(candidates: readonly BackendDefinition[], { kernels, slots }: Wish): string {
  const packages = candidates.map((candidate) => [candidate.name, candidate.find?.()]);
  const environment = ['CUDA_VISIBLE_DEVICES', 'VK_ICD_FILENAMES', 'SWEEPYARD_SOFTWARE_GPU'];
  const machine = [cpus().map((cpu) => cpu.model), release(), process.version];
  const variables = environment.map((name) => process.env[name]);
  const facts = [packages, addonBuild(), machine, variables, kernels, slots];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

async function remembered(file: string): Promise<Ranking | undefined> {
  try {
    return rankingSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A cache that can't be written costs the next start a few seconds, and nothing else. */
async function remember(file: string, ranking: Ranking): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(ranking));
  } catch {
    return;
  }
}
