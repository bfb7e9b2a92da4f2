import { once } from 'node:events';
import { Command } from 'commander';
import { openDashboard } from '../session.js';
import { portNumber } from './flags.js';
import { addStoreFlags, withStore, type StoreFlags } from './output/stored-sweep.js';

interface Flags extends StoreFlags {
  readonly port?: number;
}

/** `coordinator dashboard`. */
export function dashboardCommand(): Command {
  return addStoreFlags(new Command('dashboard'))
    .description('serve the dashboard over what is stored, until Ctrl-C; a sweep that runs is shown live')
    .option('--port <number>', 'its port (default: 8700, or the next one that is free)', portNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator dashboard\n  coordinator dashboard --dir ~/sweeps --port 9000',
    )
    .action(async ({ port, ...flags }: Flags) => {
      await withStore(flags, async (store) => {
        const dashboard = await openDashboard({
          store,
          readAhead: true,
          ...(port === undefined ? {} : { port }),
        });
        console.log(`dashboard: ${dashboard.url}`);
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
        await dashboard.close();
      });
    });
}
