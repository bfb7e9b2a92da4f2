import { join } from 'node:path';
import type { Lease } from '../messaging/bus.js';
import { busTimings } from '../messaging/timings.js';
import { SupersededError } from '../store/superseded-error.js';
import type { SweepRecord, SweepStore } from '../store/sweep-store.js';
import { compileSpace } from '../sweep/space.js';
import { chooseSampler, plannedTrials } from '../sweep/samplers.js';
import { amended } from '../sweep/steering/amendments.js';
import type { Trial } from '../sweep/trial.js';
import { readEarlierSweeps } from './earlier-sweeps.js';
import type { HostOptions } from './host-options.js';
import { LocalWorkers } from './local-workers.js';
import { createPruner } from './pruning/create-pruner.js';
import { loadBook } from './recovery.js';
import type { SweepOutcome } from './runner/ending.js';
import { restorePruning } from './runner/restore-pruning.js';
import { SweepRunner } from './runner/runner.js';
import { StoreWriter } from './runner/store-writer.js';
import { createSampler } from './search/create-sampler.js';
import { earlierResults } from './search/warm/earlier-results.js';
import { warmStartText } from './search/warm/warm-start-text.js';
import { answerAction } from './steering/control-requests.js';
import { controlOf } from './steering/control.js';
import { Steering } from './steering/steering.js';
import { holderName } from './holder.js';
import { alreadyRunning, openDashboard, type Nats } from './session.js';

export interface RunOptions extends HostOptions {
  /** As it is stored now, and the lease of it. Closing releases the lease. */
  readonly sweep: SweepRecord;
  readonly lease: Lease;
  readonly store: SweepStore;
  readonly nats: Nats;
  readonly directory: string;
  readonly retryFailed: boolean;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  readonly onEnded: (trials: readonly Trial[]) => void;
}

/** A sweep that is being run, with all that belongs to it on this machine. */
export interface RunningSweep {
  readonly runner: SweepRunner;
  readonly steering: Steering;
  readonly planned: number | undefined;
  /** Trials that had a result before. */
  readonly before: number;
  readonly trials: readonly Trial[];
  readonly outcome: Promise<SweepOutcome>;
  /** In order: trials back to the queue, workers ended. `outcome` resolves. */
  interrupt(reason: string): void;
  /** At once: whatever is under way is found again by the next start. */
  kill(): void;
  close(): Promise<void>;
}

/** @throws UserFacingError; with exit code 4 where another coordinator has taken over (`outcome` too) */
export async function runSweep(options: RunOptions): Promise<RunningSweep> {
  const { sweep, lease, store, nats, say, warn } = options;
  const closing: (() => Promise<void>)[] = [() => lease.release()];
  const close = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const end of closing.splice(0).reverse()) await end().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  };
  try {
    // Whoever was stopped in the middle of writing keeps the database locked until it goes on, or is given up.
    await new StoreWriter(warn).run('the new leader', () => store.lead(sweep.id, holderName()));
    const { book, reopened } = await loadBook(store, sweep, options.retryFailed);
    if (book.size > 0) say(goingOn(sweep, book.counts, reopened));
    const { amendments = {} } = sweep;
    const definition = amended(sweep.definition, amendments);
    const space = compileSpace(definition, amendments.bounds);
    const choice = chooseSampler(definition, space);
    if (choice.reason !== undefined) say(`sampler ${choice.name}: ${choice.reason}`);
    const earlier = await readEarlierSweeps(store, sweep);
    if (earlier.length > 0) say(warmStartText(definition, space, earlier));
    const pruner =
      sweep.definition.pruner &&
      createPruner(
        sweep.definition.pruner,
        space,
        earlier.map((one) => earlierResults(definition, space, one)),
      );
    if (pruner) await restorePruning(store, sweep.id, book, pruner);
    const { onEnded } = options;
    const runner = new SweepRunner({
      sweep: { ...sweep, definition },
      book,
      sampler: createSampler(definition, space, earlier),
      ...(pruner ? { pruner } : {}),
      store,
      bus: nats.bus,
      say: warn,
      onEnded,
      workerPatience: busTimings().fleetTtl,
      isAlone: () => lease.isCertain,
    });
    onEnded(book.trials);
    await store.setSweepState(sweep.id, 'running');
    const before = book.counts.completed + book.counts.pruned + book.counts.failed + book.counts.cancelled;
    const steering = new Steering({ sweep, book, runner, store, earlier, say: warn });
    const control = nats.bus.answerControl(sweep.id, (request) => answerAction(steering, request));
    closing.push(() => control.stop());
    await showDashboard(options, steering, closing);
    closing.push(() => runner.leave());
    await steering.begin();
    await runner.start();
    const workers = await startWorkers(options, runner);
    if (workers) closing.push(() => workers.stop());
    return {
      runner,
      steering,
      planned: plannedTrials(definition, space),
      before,
      trials: book.trials,
      outcome: Promise.race([untilEnded(runner, options), lostLease(lease, runner, options)]),
      interrupt: (reason) =>
        runner.requestEnd({ state: 'stopped', reason, running: 'requeue', queued: 'keep' }),
      kill: () => workers?.kill(),
      close,
    };
  } catch (error) {
    await close();
    throw await explained(error, options);
  }
}

function goingOn(
  { definition, id }: SweepRecord,
  counts: Readonly<Record<string, number>>,
  reopened: { cancelled: number; failed: number },
): string {
  const again = reopened.cancelled + reopened.failed;
  const parts = [`${counts['completed'] ?? 0} trials are completed`];
  if (again > 0) parts.push(`${again} that were cancelled or failed are tried again`);
  const open = (counts['queued'] ?? 0) + (counts['running'] ?? 0) - again;
  if (open > 0) parts.push(`${open} were queued or running`);
  return `going on with sweep ${definition.name} (${id}): ${parts.join(', ')}`;
}

async function showDashboard(
  options: RunOptions,
  steering: Steering,
  closing: (() => Promise<void>)[],
): Promise<void> {
  const { sweep, nats, say } = options;
  if (!options.dashboard) return;
  const control = controlOf(nats.bus, new Map([[sweep.id, steering]]));
  const dashboard = await openDashboard({ ...options, control });
  closing.push(() => dashboard.close());
  say(`dashboard: ${dashboard.url}`);
}

async function startWorkers(options: RunOptions, runner: SweepRunner): Promise<LocalWorkers | undefined> {
  const { warn, nats, sweep, directory } = options;
  if (options.workers === 0) return undefined;
  const { pool } = sweep.definition.workers;
  return await LocalWorkers.start({
    ...options,
    joinString: await nats.joinStringFor(pool),
    pool,
    logFile: join(directory, `worker-${sweep.id}.log`),
    say: warn,
    onUseless: (reason) => {
      warn(reason);
      if (runner.progress().workers > 0) return;
      runner.requestEnd({ state: 'failed', reason, running: 'cancel', queued: 'keep' });
    },
  });
}

async function untilEnded(runner: SweepRunner, options: RunOptions): Promise<SweepOutcome> {
  try {
    return await runner.ended;
  } catch (error) {
    throw await explained(error, options);
  }
}

async function explained(error: unknown, { nats, sweep }: RunOptions): Promise<unknown> {
  return error instanceof SupersededError ? await alreadyRunning(nats.bus, sweep) : error;
}

/** Somebody else has taken over, e.g. because this machine slept: nothing may be written any more. */
async function lostLease(lease: Lease, runner: SweepRunner, { nats, sweep }: RunOptions): Promise<never> {
  await new Promise<void>((resolve) => {
    if (lease.lost.aborted) resolve();
    else lease.lost.addEventListener('abort', () => resolve(), { once: true });
  });
  await runner.abandon();
  throw await alreadyRunning(nats.bus, sweep);
}
