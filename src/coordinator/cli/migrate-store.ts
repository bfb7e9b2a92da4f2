import { Command } from 'commander';
import { migrateStore } from '../../store/backup.js';
import { dataDirectory } from '../../support/directories.js';
import { terminalOutput, type Output } from './output/output.js';

/** `coordinator migrate-store`. */
export function migrateStoreCommand(output: Output = terminalOutput()): Command {
  return new Command('migrate-store')
    .description('copy all sweeps of a folder to a PostgreSQL database')
    .requiredOption('--to <url>', 'postgresql://user:password@host:port/name, a database that holds no sweep')
    .option('--dir <directory>', 'where sweeps are stored (default: SWEEPYARD_DIR, else .sweepyard)')
    .addHelpText(
      'after',
      `
Example:
  coordinator migrate-store --to postgresql://sweeps:secret@db.lab/sweeps
  export SWEEPYARD_DATABASE=postgresql://sweeps:secret@db.lab/sweeps      from now on, for every command

All or nothing. End the coordinators of the folder first: what they would still write would stay behind. The folder is
left as it is.
`,
    )
    .action(async ({ to, dir }: { readonly to: string; readonly dir?: string }) => {
      const copied = await migrateStore(dataDirectory(dir), to);
      const rows = Object.entries(copied).filter(([table]) => table !== 'tallies');
      await output.write(`copied ${rows.map(([table, count]) => `${count} ${table}`).join(', ')}\n`);
    });
}
