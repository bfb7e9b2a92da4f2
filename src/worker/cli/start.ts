import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../sweep/units.js';
import { runWorker } from '../run-worker.js';
import { kernelChoices } from '../training/kernels/kernel-choice.js';

interface Flags {
  readonly join: string;
  readonly slots?: number;
  readonly pool?: string;
  readonly backend: string;
  readonly kernels: string;
  readonly data?: string;
  readonly allowCommands?: boolean;
  readonly allowModules?: boolean | string;
  readonly grace?: number;
  readonly hangAfter?: number;
  readonly checkpointEvery?: number;
  readonly name?: string;
  readonly untilInputCloses?: boolean;
  readonly verbose?: boolean;
}

/** `worker start`. */
export function startCommand(): Command {
  return new Command('start')
    .description('Train trials for a coordinator, until told to stop (Ctrl-C hands back what is unfinished).')
    .addOption(
      new Option('--join <string>', 'the join string that `coordinator start` prints')
        .env('SWEEPYARD_JOIN')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--slots <number>',
        'trials that train at the same time (default: one a core; one on tensorflow and webgpu)',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--pool <name>',
        'take the trials of sweeps that name this pool (default: the one of the join string)',
      ).argParser(token),
    )
    .addOption(
      new Option('--backend <name>', 'what trains; "worker doctor" shows what works here')
        .choices(['auto', 'tensorflow', 'webgpu', 'wasm'])
        .default('auto', 'the fastest here'),
    )
    .addOption(
      new Option('--kernels <name>', 'what computes recurrent layers').choices(kernelChoices).default('auto'),
    )
    .addOption(
      new Option('--data <path>', 'where data sets are: an archive, or the folder it is in').env(
        'SWEEPYARD_DATA',
      ),
    )
    .option('--allow-commands', 'run the programs that sweeps name')
    .option('--allow-modules [folder]', 'run the modules that sweeps name (only those below the folder)')
    .option('--grace <duration>', 'what a trial gets to end when it is asked to (default: 10s)', milliseconds)
    .option('--hang-after <duration>', 'fail a trial that reports nothing for so long', milliseconds)
    .addOption(
      new Option(
        '--checkpoint-every <duration>',
        'how often a trial saves what it needs to go on (default: 30s)',
      )
        .env('SWEEPYARD_CHECKPOINT_EVERY')
        .argParser(milliseconds),
    )
    .addOption(new Option('--name <name>', 'how this worker is called in listings').argParser(token))
    .option('--verbose', 'say what happens, and what trials log')
    .addOption(new Option('--until-input-closes', 'stop when standard input closes').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  worker start --join sweepyard://worker:secret@10.0.0.5:4222
  worker start --join "$JOIN" --slots 4 --data ~/uci-har.zip
  worker start --join "$JOIN" --allow-commands --allow-modules ~/experiments
  worker start --join "$JOIN" --pool big-machines --name lab-7

A worker runs what is built in. It runs programs (trainable: { command: [...] }) and modules
(trainable: ./objective.ts) only with --allow-commands and --allow-modules: they can do all you can.

Ends with 0 after Ctrl-C or SIGTERM, 1 where something is wrong with the machine or the coordinator
is not there, 2 for wrong flags. A second Ctrl-C ends at once.`,
    )
    .action(async (flags: Flags) => {
      const { allowCommands = false, allowModules = false, data, ...rest } = flags;
      await runWorker({
        ...rest,
        ...(data === undefined ? {} : { dataPath: resolve(data) }),
        permissions: {
          commands: allowCommands,
          modules: typeof allowModules === 'string' ? { below: resolve(allowModules) } : allowModules,
        },
      });
    });
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1024) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 1024.');
  }
  return value;
}

function token(text: string): string {
  if (!/^[0-9A-Za-z_-]{1,60}$/.test(text)) {
    throw new InvalidArgumentError('It consists of letters, digits, - and _, at most 60.');
  }
  return text;
}

function milliseconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('It is a duration such as 10s, 5m or 1h30m.');
  return seconds * 1000;
}
