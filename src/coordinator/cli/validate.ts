import { Command } from 'commander';
import { wholeBetween } from './flags.js';
import { configurationTexts } from './output/configuration-text.js';
import { selectsOnTest } from './output/best-view.js';
import { terminalOutput, type Output } from './output/output.js';
import { readSweepFile } from './sweep-file.js';
import { createRandom } from '../../sweep/random.js';
import { chooseSampler, plannedTrials } from '../../sweep/samplers.js';
import { compileSpace, type Space } from '../../sweep/space.js';
import type { Parameters } from '../../sweep/parameter.js';
import type { PrunerDefinition, SweepDefinition } from '../../sweep/sweep-definition.js';
import { formatBytes, formatDuration } from '../../sweep/units.js';

export function validateCommand(output: Output = terminalOutput()): Command {
  return new Command('validate')
    .description('check a sweep file and show what it would run')
    .argument('<file>', 'the sweep file')
    .option('--examples <n>', 'example configurations to show', wholeBetween(0, 100), 5)
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator validate sweep.yaml\n  coordinator validate sweep.yaml --examples 20\n',
    )
    .action(async (file: string, { examples }: { examples: number }) => {
      const { definition } = await readSweepFile(file);
      await output.write(`${describeSweep(definition, examples).join('\n')}\n`);
    });
}

function describeSweep(definition: SweepDefinition, examples: number): string[] {
  const space = compileSpace(definition);
  const lines = [
    `${definition.name}: no problems`,
    `  space       ${sizeText(space)}`,
    `  sampler     ${samplerText(definition, space)}`,
    `  trials      ${trialsText(definition, space)}`,
    `  objectives  ${Object.entries(definition.objectives)
      .map(([name, direction]) => `${direction} ${name}`)
      .join(', ')}`,
  ];
  if (definition.pruner) lines.push(`  pruner      ${prunerText(definition.pruner, definition)}`);
  if (selectsOnTest(definition)) lines.push('  selection   on the test set (selectOn: test)');
  const budget = budgetText(definition);
  if (budget !== '') lines.push(`  budget      ${budget}`);
  const { timeout, memoryLimit, retries } = definition.trial;
  const limits = [
    ...(timeout === undefined ? [] : [`timeout ${formatDuration(timeout)}`]),
    ...(memoryLimit === undefined ? [] : [`memory ${formatBytes(memoryLimit)}`]),
    `${retries} retries`,
  ];
  lines.push(`  each trial  ${limits.join(', ')}`);
  const shown = exampleConfigurations(definition, space, examples);
  if (shown.length > 0) lines.push('  examples', ...configurationTexts(shown).map((text) => `    ${text}`));
  return lines;
}

function sizeText(space: Space): string {
  const size = space.size();
  const searched = space.searched.length;
  const parameters = `${searched} searched parameter${searched === 1 ? '' : 's'}`;
  if (!size) return `infinite: ${parameters}, of which ${space.continuous.join(', ')} without step`;
  const points = `${size.exact ? '' : 'at most '}${size.points.toLocaleString('en')}`;
  return `${points} configuration${size.points === 1n ? '' : 's'} of ${parameters}`;
}

function samplerText(definition: SweepDefinition, space: Space): string {
  const { name, reason } = chooseSampler(definition, space);
  return reason === undefined ? name : `${name} (${definition.search.sampler}: ${reason})`;
}

function trialsText(definition: SweepDefinition, space: Space): string {
  const { search, replicates, maxReplicates } = definition;
  const planned = plannedTrials(definition, space);
  const range = maxReplicates === undefined ? replicates : `${replicates} to ${maxReplicates}`;
  const each = range === 1 ? '' : `, ${range} replicates of each configuration`;
  const start = search.startWith.length > 0 ? `, beginning with ${search.startWith.length} given` : '';
  return `${planned === undefined ? 'until the budget ends' : planned.toLocaleString('en')}${each}${start}`;
}

/** What it judges is named where it is not the first objective alone. */
function prunerText(pruner: PrunerDefinition, { objectives }: SweepDefinition): string {
  const judged = judgedBy(pruner);
  const by = judged.join() === Object.keys(objectives)[0] ? '' : ` by ${judged.join(', ')}`;
  const settings = Object.entries(pruner).flatMap(([name, value]: [string, unknown]) =>
    value === true ? name : typeof value === 'number' ? `${name} ${value}` : [],
  );
  return `${pruner.type}${by} (${settings.join(', ')})`;
}

function judgedBy(pruner: PrunerDefinition): string[] {
  if ('metrics' in pruner) return pruner.metrics.map(({ name }) => name);
  return [typeof pruner.metric === 'string' ? pruner.metric : pruner.metric.name];
}

function budgetText({ budget }: SweepDefinition): string {
  return [
    ...(budget.time === undefined ? [] : [`time ${formatDuration(budget.time)}`]),
    ...(budget.gpuHours === undefined ? [] : [`${budget.gpuHours} GPU-hours`]),
    ...(budget.cost === undefined ? [] : [`cost ${budget.cost} at ${budget.pricePerGpuHour} an hour`]),
    ...(budget.until === undefined ? [] : [`until ${budget.until}`]),
  ].join(', ');
}

/** From the space at large, not the first of the grid, which differ in the last parameter alone. */
function exampleConfigurations(definition: SweepDefinition, space: Space, count: number): Parameters[] {
  const seen = new Map<string, Parameters>();
  const random = createRandom(definition.search.seed);
  for (let i = 0; i < 10 * count && seen.size < count; i++) {
    const configuration = space.random(random);
    seen.set(space.key(configuration), configuration);
  }
  return [...seen.values()];
}
