/** `npm run chaos -- [--trials N] [--faults N] [--seed N] [--json]`: everything fails, and nothing may be lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos, type ChaosResult } from './chaos/run-chaos.js';

const usage = `usage: npm run chaos -- [flags]
  --trials N       short trials of the sweep (default 1000)
  --faults N       kill -9, SIGSTOP, cut and stalled networks, of every part (default 50)
  --seed N         another sequence of faults (default 1)
  --workers N      worker processes of two slots each (default 3)
  --coordinators N one works, the others stand by (default 2)
  --postgresql     store in a PostgreSQL server that is started here, and struck too
  --database URL   store in this PostgreSQL database; its server is left alone
  --patience S     seconds without a trained trial until the sweep counts as stuck (default 120)
  --keep           keep the folder with the logs of all parts
  --json           one object on standard output: { trials, faults, lost, doubled, missingReports, leftRunning, ... }`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      trials: { type: 'string', default: '1000' },
      faults: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '3' },
      coordinators: { type: 'string', default: '2' },
      patience: { type: 'string', default: '120' },
      database: { type: 'string' },
      postgresql: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), 'sweepyard-chaos-'));
  const result = await runChaos({
    trials: whole('trials', values.trials),
    faults: whole('faults', values.faults, 0),
    seed: whole('seed', values.seed, 0),
    workers: whole('workers', values.workers),
    coordinators: whole('coordinators', values.coordinators),
    database: values.database ?? (values.postgresql ? 'postgresql' : 'sqlite'),
    directory: join(folder, 'chaos'),
    patience: 1_000 * whole('patience', values.patience),
    say: (line) => console.error(line),
  });
  const isGood = report(result, values.json);
  if (values.keep || !isGood) console.error(`logs of all parts: ${folder}`);
  else await rm(folder, { recursive: true, force: true });
  return isGood ? 0 : 1;
}

function report(result: ChaosResult, json: boolean): boolean {
  const { trials, faults, audit, byKind, isStuck, unasked, seconds } = result;
  const { lost, doubled, missingReports, leftRunning, begunAgain, trainedAgain } = audit;
  const figures = {
    trials,
    faults,
    lost: lost.length,
    doubled: doubled.length,
    missingReports: missingReports.length,
    leftRunning: leftRunning.length,
    begunAgain,
    trainedAgain,
    faultsByKind: byKind,
    coordinatorsEnded: unasked,
    isStuck,
    seconds: Math.round(seconds),
  };
  if (json) console.log(JSON.stringify(figures));
  else console.log(Object.entries(figures).map(line).join('\n'));
  const findings = [...lost, ...doubled, ...missingReports, ...leftRunning];
  for (const finding of findings.slice(0, 50)) console.error(finding);
  return findings.length === 0 && !isStuck;
}

function line([name, value]: [string, unknown]): string {
  return `${name.padEnd(18)} ${JSON.stringify(value)}`;
}

function whole(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`chaos: --${name} is a whole number of at least ${least}, not ${text}\n${usage}`);
  process.exit(2);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
