import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { openStore } from '../../store/open-store.js';
import { dataDirectory } from '../../support/directories.js';
import { EnvironmentError, ExitCode } from '../../support/errors.js';
import { LocalWorkers } from '../local-workers.js';
import { SweepServer } from '../serve/sweep-server.js';
import { createDataDirectory, holderName, isGone, openDashboard, openNats, type Nats } from '../session.js';
import { answerSubmission } from '../steering/control-requests.js';
import { natsFlags, natsOption, natsReplicasOption, workerNatsOption } from './nats-flags.js';
import { portNumber, positiveInteger, wholeNumber } from './flags.js';
import { addStoreFlags, storeOptions, type StoreFlags } from './output/stored-sweep.js';
import { Signals, type EndSignal } from './signals.js';

interface Flags extends StoreFlags {
  readonly workers: number;
  readonly slots?: number;
  readonly pool: string;
  readonly data?: string;
  readonly backend?: string;
  readonly dashboard: boolean;
  readonly port?: number;
  readonly nats?: string;
  readonly workerNats?: string;
  readonly natsReplicas?: number;
  readonly natsServer?: string;
  readonly listen?: string;
}

/** `coordinator serve`. */
export function serveCommand(): Command {
  return addStoreFlags(new Command('serve'))
    .description('stay, and run the sweeps that `submit` or HTTP hand in, several at once')
    .option('--workers <number>', 'worker processes on this machine', wholeNumber, 0)
    .option(
      '--slots <number>',
      'trials that each of them trains at once (default: one a core)',
      positiveInteger,
    )
    .option('--pool <name>', 'the pool of these workers', 'default')
    .addOption(new Option('--data <path>', 'where data sets are').env('SWEEPYARD_DATA'))
    .option('--backend <name>', 'what trains, for the workers of this machine')
    .option('--no-dashboard', 'no dashboard, and no HTTP')
    .option(
      '--port <number>',
      'port of the dashboard (default: 8700, or the next one that is free)',
      portNumber,
    )
    .addOption(natsOption())
    .addOption(workerNatsOption())
    .addOption(natsReplicasOption())
    .option('--nats-server <path>', 'start this nats-server instead of the one that is installed')
    .option('--listen <address>', 'let other machines join: the address to listen on, e.g. 0.0.0.0')
    .addHelpText(
      'after',
      `
Examples:
  coordinator serve --workers 1
  coordinator serve --listen 0.0.0.0
  coordinator submit sweep.yaml            from another shell

SIGTERM or Ctrl-C hand unfinished trials back to the queue; the next \`serve\` goes on with every sweep.`,
    )
    .action(async (flags: Flags) => {
      process.exitCode = await serve(flags);
    });
}

const say = (line: string): void => console.log(line);
const warn = (line: string): void => console.error(line);

async function serve(flags: Flags): Promise<ExitCode> {
  const directory = dataDirectory(flags.dir);
  await createDataDirectory(directory);
  const signals = new Signals();
  const interrupted = new Promise<EndSignal>((resolve) => signals.onFirst(resolve));
  const closing: (() => Promise<void>)[] = [];
  try {
    const store = await openStore(storeOptions(flags));
    closing.push(() => store.close());
    const nats = await openNats({
      directory,
      say,
      warn,
      ...natsFlags(flags),
      ...(flags.natsServer === undefined ? {} : { program: flags.natsServer }),
      ...(flags.listen === undefined ? {} : { host: flags.listen }),
    });
    closing.push(() => nats.close());
    say(nats.description);
    // Two of them would take the same submissions.
    const lease = await nats.bus.acquireLease('serve', holderName(), isGone);
    if (!lease)
      throw new EnvironmentError(
        'another `coordinator serve` uses this nats-server; `submit` hands it sweeps',
      );
    closing.push(() => lease.release());
    const server = new SweepServer({ store, nats, directory, say, warn });
    if (flags.dashboard) {
      const { port, listen } = flags;
      const dashboard = await openDashboard({
        store,
        control: server.control,
        ...(port === undefined ? {} : { port }),
        ...(listen === undefined ? {} : { host: listen, token: randomBytes(18).toString('base64url') }),
      });
      closing.push(() => dashboard.close());
      say(`dashboard: ${dashboard.url}`);
    }
    const workers = await startWorkers(flags, nats, directory);
    if (workers) {
      closing.push(() => workers.stop());
      signals.onSecond(() => workers.kill());
    }
    await server.begin();
    const submissions = nats.bus.answerSubmissions((request) =>
      answerSubmission((submission) => server.submit(submission), request),
    );
    closing.push(() => submissions.stop());
    say(`workers join with: ${await nats.invitationFor(flags.pool)}`);
    say('ready: `coordinator submit FILE` hands in a sweep');
    const signal = await interrupted;
    say(`${signal}: unfinished trials go back to the queue`);
    await server.interrupt(`interrupted by ${signal}`);
    return signal === 'SIGINT' ? ExitCode.Interrupted : ExitCode.Success;
  } finally {
    signals.close();
    for (const close of closing.reverse()) await close();
  }
}

async function startWorkers(
  { workers: count, slots, pool, data, backend }: Flags,
  nats: Nats,
  directory: string,
): Promise<LocalWorkers | undefined> {
  if (count === 0) return undefined;
  return await LocalWorkers.start({
    joinString: await nats.joinStringFor(pool),
    pool,
    count,
    slots: slots ?? Math.max(1, Math.floor(availableParallelism() / count)),
    logFile: join(directory, 'worker-serve.log'),
    say: warn,
    onUseless: warn,
    ...(data === undefined ? {} : { data }),
    ...(backend === undefined ? {} : { backend }),
  });
}
