import { resolve } from 'node:path';
import { Command } from 'commander';
import { restore } from '../../store/backup.js';
import { createDataDirectory } from '../session.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, storeOptions, type StoreFlags } from './output/stored-sweep.js';

interface Flags extends StoreFlags {
  readonly replace: boolean;
}

/** `coordinator restore`. */
export function restoreCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('restore'))
    .description('put a backup in the place of what is stored')
    .argument('<file>', 'what coordinator backup wrote')
    .option('--replace', 'also where sweeps are stored already: their file is put aside', false)
    .addHelpText(
      'after',
      `
Examples:
  coordinator restore sweeps-monday.db --dir restored
  coordinator restore sweeps-monday.db --replace
  coordinator restore sweeps-monday.db --database postgresql://...      into a database without sweeps

End the coordinators of this folder first. A file that is damaged, or none of ours, changes nothing.
`,
    )
    .action(async (file: string, { replace, ...flags }: Flags) => {
      const to = storeOptions(flags);
      await createDataDirectory(to.directory);
      const aside = await restore(resolve(file), to, replace);
      await output.write(
        `restored ${file}${aside === undefined ? '' : `; what was there is now ${aside}`}\n`,
      );
    });
}
