import { Option, type Command } from 'commander';
import { address, portNumber, positiveInteger, replicas, wholeNumber } from './flags.js';

/** Adds the flags that `HostOptions` and `NatsChoice` hold. */
export function addHostFlags(command: Command, defaults: { readonly workers: number }): Command {
  return addNatsFlags(addTrainingFlags(addWorkerFlags(command, defaults.workers)))
    .option('--no-dashboard', 'no dashboard, and no HTTP')
    .option(
      '--port <number>',
      'port of the dashboard (default: 8700, or the next one that is free)',
      portNumber,
    );
}

function addWorkerFlags(command: Command, workers: number): Command {
  return command
    .option('--workers <number>', 'worker processes on this machine', wholeNumber, workers)
    .option(
      '--slots <number>',
      'trials that each of them trains at once (default: the cores, shared among them; one on tensorflow and webgpu)',
      positiveInteger,
    );
}

/** What the workers of this machine train with, and on. */
export function addTrainingFlags(command: Command): Command {
  return command
    .addOption(new Option('--data <path>', 'where data sets are').env('SWEEPYARD_DATA'))
    .option('--backend <name>', 'what trains, for the workers of this machine')
    .option('--kernels <name>', 'what computes recurrent layers: auto, native, wasm, reference');
}

function addNatsFlags(command: Command): Command {
  return addNatsServerFlag(command)
    .addOption(
      new Option(
        '--nats <url>',
        'use the nats-server that runs there; several of a cluster with commas',
      ).conflicts(['natsServer', 'listen']),
    )
    .option('--worker-nats <url>', 'with --nats: the same server with the credentials of workers')
    .option(
      '--nats-replicas <number>',
      'with --nats: servers of the cluster that keep each message (default: as they are; 1 for new streams)',
      replicas,
    )
    .option('--listen <address>', 'let other machines join: the address to listen on, e.g. 0.0.0.0', address);
}

export function addNatsServerFlag(command: Command): Command {
  return command.option(
    '--nats-server <path>',
    'start this nats-server instead of the one that is installed',
  );
}
