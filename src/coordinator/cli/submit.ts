import { dirname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { EnvironmentError, ExitCode } from '../../support/errors.js';
import { requestSubmission } from '../steering/control-requests.js';
import { addStoreFlags, findStoredSweep, withStore } from './output/stored-sweep.js';
import { commandGiver, withBus, type SteerFlags } from './steer.js';
import { readSweepFile } from './sweep-file.js';

interface Flags extends SteerFlags {
  readonly again: boolean;
  readonly wait: boolean;
}

const lookInterval = 500;

/** `coordinator submit`. */
export function submitCommand(): Command {
  return addStoreFlags(new Command('submit'))
    .description('hand a sweep to the coordinator that stays (`coordinator serve`)')
    .argument('<file>', 'the sweep file')
    .option('--again', 'begin anew, also where the same sweep is stored', false)
    .option('--wait', 'end when the sweep has ended', false)
    .option('--nats <url>', 'the nats-server that the coordinator uses, where it is not its own')
    .addHelpText(
      'after',
      `
Examples:
  coordinator submit sweep.yaml
  coordinator submit sweep.yaml --wait

Exit codes: 0 it was taken (with --wait: it is completed, or was stopped), 1 no coordinator takes it, or the sweep
failed, 2 wrong flags or sweep file, 3 with --wait: no trial was completed.`,
    )
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await submit(file, flags);
    });
}

async function submit(file: string, flags: Flags): Promise<ExitCode> {
  // Read here too: problems are shown with the file's own name.
  const { source } = await readSweepFile(file);
  const request = { source, baseDirectory: dirname(resolve(file)), again: flags.again, by: commandGiver() };
  const { sweepId, name, state } = await withBus(flags, async (bus) => {
    if (bus) return await requestSubmission(bus, request);
    throw new EnvironmentError('no coordinator runs here: `coordinator serve` starts one that takes sweeps');
  });
  console.log(
    `sweep ${name} (${sweepId}) ${state === 'finished' ? 'is finished; --again begins it anew' : state}`,
  );
  return flags.wait ? await untilEnded(sweepId, flags) : ExitCode.Success;
}

async function untilEnded(sweepId: string, flags: Flags): Promise<ExitCode> {
  return await withStore(flags, async (store) => {
    for (;;) {
      const { state, reason, definition } = await findStoredSweep(store, sweepId);
      if (state !== 'running') {
        const { completed } = await store.countTrials(sweepId);
        const why = reason === undefined ? '' : `: ${reason}`;
        console.log(`sweep ${definition.name} (${sweepId}) is ${state}${why}; ${completed} trials completed`);
        if (state !== 'failed') return ExitCode.Success;
        return completed > 0 ? ExitCode.Failure : ExitCode.NothingCompleted;
      }
      await setTimeout(lookInterval);
    }
  });
}
