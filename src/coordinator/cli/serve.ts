import { join } from 'node:path';
import { Command } from 'commander';
import { openStore } from '../../store/open-store.js';
import { dataDirectory } from '../../support/directories.js';
import { EnvironmentError, ExitCode } from '../../support/errors.js';
import type { HostOptions, NatsChoice } from '../host-options.js';
import { LocalWorkers } from '../local-workers.js';
import { SweepServer } from '../serve/sweep-server.js';
import { holderName, isGone } from '../holder.js';
import { createDataDirectory, openDashboard, openNats, type Nats } from '../session.js';
import { answerSubmission } from '../steering/control-requests.js';
import { whenThere } from '../when-there.js';
import { addHostFlags } from './host-flags.js';
import { addStoreFlags, storeOptions, type StoreFlags } from './output/stored-sweep.js';
import { Signals, type EndSignal } from './signals.js';

interface Flags extends StoreFlags, HostOptions, NatsChoice {
  readonly pool: string;
}

/** `coordinator serve`. */
export function serveCommand(): Command {
  return addHostFlags(addStoreFlags(new Command('serve')), { workers: 0 })
    .description('stay, and run the sweeps that `submit` or HTTP hand in, several at once')
    .option('--pool <name>', 'the pool of these workers', 'default')
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
    const store = await whenThere(() => openStore(storeOptions(flags)), say, signals.interrupted);
    if (!store) return endedBy(await interrupted);
    closing.push(() => store.close());
    const nats = await whenThere(
      () => openNats({ ...flags, directory, say, warn }),
      say,
      signals.interrupted,
    );
    if (!nats) return endedBy(await interrupted);
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
      const dashboard = await openDashboard({ ...flags, store, control: server.control });
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
    return endedBy(signal);
  } finally {
    signals.close();
    for (const close of closing.reverse()) await close();
  }
}

function endedBy(signal: EndSignal): ExitCode {
  return signal === 'SIGINT' ? ExitCode.Interrupted : ExitCode.Success;
}

async function startWorkers(flags: Flags, nats: Nats, directory: string): Promise<LocalWorkers | undefined> {
  if (flags.workers === 0) return undefined;
  return await LocalWorkers.start({
    ...flags,
    joinString: await nats.joinStringFor(flags.pool),
    logFile: join(directory, 'worker-serve.log'),
    say: warn,
    onUseless: warn,
  });
}
