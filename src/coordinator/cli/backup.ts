import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { backUp } from '../../store/backup.js';
import { formatBytes } from '../../sweep/units.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, storeOptions, type StoreFlags } from './output/stored-sweep.js';

/** `coordinator backup`. */
export function backupCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('backup'))
    .description('write all that is stored to one file, while coordinators go on')
    .argument('<file>', 'the file to write; it must not exist')
    .addHelpText(
      'after',
      `
Examples:
  coordinator backup sweeps-monday.db
  coordinator backup sweeps.db --database postgresql://...

The file holds everything as it was at one moment. coordinator restore puts it back, into a folder or a PostgreSQL
database; trials that were under way are then taken up again by the next start.
`,
    )
    .action(async (file: string, flags: StoreFlags) => {
      await backUp(storeOptions(flags), resolve(file));
      const { size } = await stat(file);
      await output.write(`${file}: ${formatBytes(size)}\n`);
    });
}
