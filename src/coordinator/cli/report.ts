import { Option, type Command } from 'commander';
import { adviceOn } from '../../analysis/advice.js';
import { leadersText, rankMembers } from '../../analysis/ranking.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import { formatDuration } from '../../sweep/units.js';
import { chartNames } from '../plot/charts.js';
import { escaped } from '../plot/figure.js';
import { toFile } from './export.js';
import { bestTable, selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { terminalOutput, type Output } from './output/output.js';
import { readingCommand, type ReadingFlags } from './output/reading.js';
import { allTrials } from './output/stored-sweep.js';
import { chartSvg } from './plot.js';

interface Flags extends ReadingFlags {
  readonly output?: string;
}

const help = `  coordinator report har-gru -o report.html
  coordinator report > report.html

One file without anything outside it: it can be mailed, and opens without a network.
`;

const shownBest = 20;

export function reportCommand(output: Output = terminalOutput()): Command {
  return readingCommand<Flags>(
    {
      name: 'report',
      description: 'write all that matters of a sweep as one HTML file',
      help,
      formats: [],
      options: [new Option('-o, --output <file>', 'write to this file instead of standard output')],
    },
    async (store, sweep, flags) => {
      const page = await reportPage(store, sweep, await allTrials(store, sweep.id));
      if (flags.output === undefined) return await output.write(page);
      await toFile(flags.output, [page]);
      output.remark(`report of ${sweep.definition.name} written to ${flags.output}`);
    },
  );
}

async function reportPage(store: SweepStore, sweep: SweepRecord, trials: readonly Trial[]): Promise<string> {
  const { definition, id, state, reason, usage, source, createdAt } = sweep;
  const ranking = rankMembers(definition, trials);
  const counts = new Map<string, number>();
  for (const trial of trials) counts.set(trial.state, (counts.get(trial.state) ?? 0) + 1);
  const charts: string[] = [];
  for (const chart of chartNames) {
    const svg = await chartSvg(store, definition, trials, chart);
    if (typeof svg === 'string') charts.push(`<figure>${svg}</figure>`);
  }
  const remarks = [
    leadersText(ranking),
    selectsOnTest(definition) ? selectedOnTestRemark : undefined,
    ...adviceOn(definition, trials)
      .filter(({ kind }) => kind !== 'seeds')
      .map(({ text }) => text),
  ].filter((text) => text !== undefined);
  const facts = [
    `${state}${reason === undefined ? '' : ` (${reason})`}`,
    `${trials.length} trials: ${[...counts].map(([name, count]) => `${count} ${name}`).join(', ')}`,
    `ran ${formatDuration(usage.seconds)}, ${formatDuration(usage.slotSeconds)} of training`,
    `begun ${new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(definition.name)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 880px; margin: 2rem auto; padding: 0 1rem; }
pre { background: #f5f7f9; padding: 1rem; overflow-x: auto; font-size: 13px; border-radius: 6px; }
figure { margin: 1.5rem 0; } figure svg { width: 100%; height: auto; border: 1px solid #e3e7eb; border-radius: 6px; }
@media print { figure { break-inside: avoid; } }
</style>
</head>
<body>
<h1>${escaped(definition.name)} <small>${id}</small></h1>
<ul>${facts.map((fact) => `<li>${escaped(fact)}</li>`).join('')}</ul>
<h2>Best configurations</h2>
<pre>${lines(ranking.rows.length === 0 ? 'no trial is completed' : bestTable(definition, ranking.rows.slice(0, shownBest)))}</pre>
<h2>What it says</h2>
<ul>${remarks.map((remark) => `<li>${escaped(remark)}</li>`).join('') || '<li>nothing stands out</li>'}</ul>
<h2>Charts</h2>
${charts.join('\n')}
<h2>Sweep file</h2>
<pre>${lines(source)}</pre>
</body>
</html>
`;
}

/** Several lines, escaped one by one: line ends stay. */
function lines(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}
