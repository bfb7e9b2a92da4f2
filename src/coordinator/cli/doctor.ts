import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Command } from 'commander';
import { findNatsServer, searchPath } from '../../messaging/server/find-nats-server.js';
import { findRunningServer } from '../../messaging/server/nats-server.js';
import { describeAddress } from '../../messaging/join-string.js';
import { openStore } from '../../store/open-store.js';
import { ExitCode, messageOf } from '../../support/errors.js';
import { formatBytes } from '../../sweep/units.js';
import { createDataDirectory } from '../session.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, storeOptions, type StoreFlags } from './output/stored-sweep.js';

interface Flags extends StoreFlags {
  readonly json: boolean;
}

/** One thing that a coordinator needs. */
interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was found, or what is wrong and what to do about it. */
  readonly found: string;
}

/** Below this a sweep may stop in its middle. Bytes. */
const littleSpace = 500_000_000;
const usualPort = 8700;

/** `coordinator doctor`. */
export function doctorCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('doctor'))
    .description('look whether a coordinator can work here, and what is wrong where it cannot')
    .option('--json', 'an array instead of a text', false)
    .addHelpText(
      'after',
      '\nEnds with 0 where everything is well, else with 1. worker doctor looks at training.\n',
    )
    .action(async ({ json, ...flags }: Flags) => {
      const checks = await examine(flags);
      const lines = checks.map(({ what, ok, found }) => `${ok ? 'ok   ' : 'WRONG'}  ${what}: ${found}\n`);
      await output.write(json ? `${JSON.stringify(checks, undefined, 2)}\n` : lines.join(''));
      process.exitCode = checks.every(({ ok }) => ok) ? ExitCode.Success : ExitCode.Failure;
    });
}

async function examine(flags: StoreFlags): Promise<Check[]> {
  const options = storeOptions(flags);
  const { directory } = options;
  return [
    node(),
    await check('data directory', async () => {
      await createDataDirectory(directory);
      const { bavail, bsize } = await statfs(directory);
      const free = `${directory}, ${formatBytes(bavail * bsize)} free`;
      if (bavail * bsize < littleSpace)
        throw new Error(`${free}: make room, or choose another one with --dir`);
      return free;
    }),
    await check('store', async () => {
      const store = await openStore(options);
      try {
        const sweeps = await store.listSweeps();
        const running = sweeps.filter(({ state }) => state === 'running').length;
        const kind = options.database === undefined ? 'SQLite' : 'PostgreSQL';
        return `${kind}, ${sweeps.length} sweeps, ${running} of them running`;
      } finally {
        await store.close();
      }
    }),
    await check('nats-server', async () => {
      const running = await findRunningServer(directory);
      if (running) return `one of this directory runs at ${describeAddress(running)}`;
      const program = await findNatsServer(searchPath());
      return program
        ? `${program.path}, version ${program.version}`
        : 'none is installed; the first start obtains one, or --nats-server and --nats name one';
    }),
    await check('dashboard', async () => {
      const free = await isFree(usualPort);
      return free ? `port ${usualPort} is free` : `port ${usualPort} is taken: the next free one will be`;
    }),
  ];
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { what: 'Node.js', ok, found: `${process.version}${ok ? '' : ': 20.19 or later is needed'}` };
}

async function check(what: string, find: () => Promise<string>): Promise<Check> {
  try {
    return { what, ok: true, found: await find() };
  } catch (error) {
    return { what, ok: false, found: messageOf(error) };
  }
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
