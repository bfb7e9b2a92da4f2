import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { sweepActionSchema, type SweepAction } from '../../sweep/steering/sweep-action.js';
import { messageOf, UsageError } from '../../support/errors.js';
import { numberBetween } from './flags.js';
import { addStoreFlags } from './output/stored-sweep.js';
import { readSettings } from './read-settings.js';
import { steer, type SteerFlags } from './steer.js';

/** A command on a sweep that runs, with what all of them have. */
function steering(name: string, description: string, examples: readonly string[]): Command {
  return addStoreFlags(new Command(name))
    .description(description)
    .argument('<sweep>', 'its name or id')
    .option('--nats <url>', 'the nats-server that the coordinator uses, where it is not its own')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  coordinator ${example}\n`).join('')}`);
}

/** `coordinator pause`. */
export function pauseCommand(): Command {
  return steering('pause', 'start no new trials of a sweep that runs; `resume` goes on', [
    'pause har-gru',
    'pause har-gru --now',
  ])
    .option('--now', 'running trials go back to the queue, and go on from their checkpoints', false)
    .action((sweep: string, flags: SteerFlags & { readonly now: boolean }) =>
      steer(sweep, flags, { action: 'pause', now: flags.now }),
    );
}

/** `coordinator resume`. */
export function resumeCommand(): Command {
  return steering('resume', 'go on with a sweep that was paused', ['resume har-gru']).action(
    (sweep: string, flags: SteerFlags) => steer(sweep, flags, { action: 'resume' }),
  );
}

/** `coordinator set`. */
export function setCommand(): Command {
  const description =
    'change a sweep while it runs: concurrency, trials, time, gpuHours, cost, or the bounds of a numeric parameter ' +
    '(within those of its file); `none` takes a limit away';
  return steering('set', description, [
    'set har-gru concurrency=8 trials=200 time=4h',
    "set har-gru 'lr=[1e-4,1e-2]'",
    'set har-gru lr=none gpuHours=none',
  ])
    .argument('<settings...>', 'name=value')
    .action((sweep: string, words: string[], flags: SteerFlags) =>
      steer(sweep, flags, { action: 'set', settings: readSettings(words) }),
    );
}

/** `coordinator priority`. */
export function priorityCommand(): Command {
  return steering(
    'priority',
    'the share of a sweep beside others of `coordinator serve`: twice it, twice the slots',
    ['priority har-gru 3'],
  )
    .argument('<priority>', 'a number from 0.01 to 100; 1 is usual', numberBetween(0.01, 100))
    .action((sweep: string, priority: number, flags: SteerFlags) =>
      steer(sweep, flags, checked({ action: 'priority', priority })),
    );
}

/** `coordinator add`. */
export function addCommand(): Command {
  return steering('add', 'add a trial of your own to a sweep that runs', [
    `add har-gru '{"lr": 0.001, "units": 16}'`,
  ])
    .argument('<parameters>', 'as JSON; those left out are chosen at random')
    .action((sweep: string, text: string, flags: SteerFlags) =>
      steer(sweep, flags, checked({ action: 'add', parameters: json(text) })),
    );
}

/** `coordinator cancel`. */
export function cancelCommand(): Command {
  return steering('cancel', 'cancel trials of a sweep that runs, for good', ['cancel har-gru 17'])
    .argument('<trials...>', 'their numbers', trialNumbers)
    .action((sweep: string, trials: number[], flags: SteerFlags) =>
      steer(sweep, flags, { action: 'cancel', trials }),
    );
}

/** `coordinator retry`. */
export function retryCommand(): Command {
  return steering('retry', 'try failed or cancelled trials of a sweep that runs again', [
    'retry har-gru',
    'retry har-gru 3 17',
  ])
    .argument('[trials...]', 'their numbers (default: all that failed)', trialNumbers)
    .action((sweep: string, trials: number[], flags: SteerFlags) =>
      steer(sweep, flags, { action: 'retry', ...(trials.length > 0 && { trials }) }),
    );
}

/** `coordinator quarantine`. */
export function quarantineCommand(): Command {
  return steering('quarantine', 'give a worker no more trials of a sweep, or some again', [
    'quarantine har-gru gpu-3',
    'quarantine har-gru gpu-3 --release',
  ])
    .argument('<worker>', 'its name')
    .option('--release', 'it gets trials again', false)
    .action((sweep: string, worker: string, flags: SteerFlags & { readonly release: boolean }) =>
      steer(sweep, flags, checked({ action: flags.release ? 'release' : 'quarantine', worker })),
    );
}

function trialNumbers(text: string, before: number[] = []): number[] {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be the number of a trial.');
  return [...before, Number(text)];
}

/** @throws UsageError */
function checked(action: unknown): SweepAction {
  const result = sweepActionSchema.safeParse(action);
  if (result.success) return result.data;
  throw new UsageError(z.prettifyError(result.error));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`the parameters are no JSON: ${messageOf(error)}`, { cause: error });
  }
}
