import type { Command } from 'commander';
import { adviceOn } from '../../analysis/advice.js';
import { csvLines } from './output/csv.js';
import { printListing } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { readingCommand, trialsWhere } from './output/reading.js';

const help = `  coordinator advice har-gru
  coordinator advice har-gru --where 'optimizer == "adam"' --format json

--where can name parameters, metrics, number, configuration, replicate, seed and state.
`;

export function adviceCommand(output: Output = terminalOutput()): Command {
  return readingCommand(
    {
      name: 'advice',
      description: 'say in plain words what the results suggest to do next',
      help,
      where: 'trials',
    },
    async (store, sweep, { where, format }) => {
      const advice = adviceOn(sweep.definition, await trialsWhere(store, sweep, where));
      await printListing(output, format, {
        json: () => advice,
        csv: () =>
          csvLines([
            ['kind', 'parameter', 'text'],
            ...advice.map(({ kind, parameter, text }) => [kind, parameter, text]),
          ]),
        table: () => advice.map(({ text }) => `- ${text}\n`).join(''),
        nothing: 'nothing stands out',
      });
    },
  );
}
