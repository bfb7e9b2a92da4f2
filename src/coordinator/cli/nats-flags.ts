import { InvalidArgumentError, Option } from 'commander';
import type { NatsOptions } from '../session.js';

export interface NatsFlags {
  readonly nats?: string;
  readonly workerNats?: string;
  readonly natsReplicas?: number;
}

export function natsOption(): Option {
  return new Option(
    '--nats <url>',
    'use the nats-server that runs there; several of a cluster with commas',
  ).conflicts(['natsServer', 'listen']);
}

export function workerNatsOption(): Option {
  return new Option('--worker-nats <url>', 'with --nats: the same server with the credentials of workers');
}

/** JetStream keeps one, three or five copies; two and four are no safer than one less. */
export function natsReplicasOption(): Option {
  return new Option(
    '--nats-replicas <number>',
    'with --nats: servers of the cluster that keep each message (default: 1)',
  ).argParser((text) => {
    if (!/^[1-5]$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 5.');
    return Number(text);
  });
}

/** As `openNats` takes them. */
export function natsFlags(flags: NatsFlags): Pick<NatsOptions, 'url' | 'workerUrl' | 'replicas'> {
  return {
    ...(flags.nats === undefined ? {} : { url: flags.nats }),
    ...(flags.workerNats === undefined ? {} : { workerUrl: flags.workerNats }),
    ...(flags.natsReplicas === undefined ? {} : { replicas: flags.natsReplicas }),
  };
}
