import type { SweepRecord, SweepStore } from '../../src/store/sweep-store.js';
import { isTerminal, type Trial } from '../../src/sweep/trial.js';
import { reportsOfATrial, type Launches } from './trials.js';

/** What is wrong, each with the trials it is about; all empty where nothing is. */
export interface Audit {
  /** Without the result that its training had: not completed, or completed with what no worker has measured. */
  readonly lost: readonly string[];
  /** Asked for twice, completed twice, or reported twice. */
  readonly doubled: readonly string[];
  /** Reports of the attempt that gave the result, which are not stored. */
  readonly missingReports: readonly string[];
  /** Trials without an end, attempts without an end. */
  readonly leftRunning: readonly string[];
  /** Trials that were begun, and ended, more than once at the workers: legal after a fault, and wasted. */
  readonly begunAgain: number;
  readonly trainedAgain: number;
}

/** Compares what is stored with what the workers have logged. */
export async function audit(
  store: SweepStore,
  sweep: SweepRecord,
  planned: number,
  launches: Launches,
): Promise<Audit> {
  const findings = {
    lost: [] as string[],
    doubled: [] as string[],
    missingReports: [] as string[],
    leftRunning: [] as string[],
  };
  const byX = new Map<number, Trial[]>();
  for (const trial of await store.trials(sweep.id)) {
    const x = Number(trial.parameters['x']);
    byX.set(x, [...(byX.get(x) ?? []), trial]);
    if (!isTerminal(trial.state)) findings.leftRunning.push(`trial ${trial.number} is ${trial.state}`);
    const attempts = await store.attempts(trial);
    for (const { attempt, finishedAt } of attempts)
      if (finishedAt === undefined)
        findings.leftRunning.push(`attempt ${attempt} of trial ${trial.number} has no end`);
    const results = attempts.filter(({ outcome }) => outcome === 'completed');
    if (results.length > 1) findings.doubled.push(`trial ${trial.number} has ${results.length} results`);
    if (results[0]) await auditReports(store, trial, results[0].attempt, findings);
  }
  for (let x = 0; x < planned; x++) {
    const trials = byX.get(x) ?? [];
    if (trials.length > 1) findings.doubled.push(`x = ${x} was asked ${trials.length} times`);
    const problem = problemOfResult(x, trials[0], launches);
    if (problem !== undefined) findings.lost.push(problem);
  }
  return { ...findings, begunAgain: repeated(launches.begun), trainedAgain: repeated(launches.ended) };
}

function problemOfResult(x: number, trial: Trial | undefined, { ended }: Launches): string | undefined {
  if (!trial) return `x = ${x} was never asked`;
  const { number, state, failure, metrics } = trial;
  if (state !== 'completed') return `trial ${number} is ${state}${failure ? `: ${failure.message}` : ''}`;
  if (metrics['y'] !== x) return `trial ${number} has y = ${metrics['y']}, not ${x}`;
  const launch = metrics['launch'];
  const isOfAWorker = launch !== undefined && ended.get(x)?.includes(launch) === true;
  return isOfAWorker ? undefined : `trial ${number} has the result of a launch (${launch}) that did not end`;
}

/** The curve of the launch that gave the result: all steps, once each. Attempts that were given up have no promise. */
async function auditReports(
  store: SweepStore,
  trial: Trial,
  attempt: number,
  findings: { doubled: string[]; missingReports: string[] },
): Promise<void> {
  const launch = trial.metrics['launch'];
  const reports = (await store.reports(trial)).filter(({ metrics }) => metrics['launch'] === launch);
  for (let step = 1; step <= reportsOfATrial; step++) {
    const stored = reports.filter((report) => report.step === step);
    const name = `step ${step} of trial ${trial.number} (attempt ${attempt})`;
    if (stored.length === 0) findings.missingReports.push(name);
    if (stored.length > 1) findings.doubled.push(`${name} is stored ${stored.length} times`);
  }
}

function repeated(launches: ReadonlyMap<number, readonly number[]>): number {
  let more = 0;
  for (const { length } of launches.values()) more += length - 1;
  return more;
}
