import { Option, type Command } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import { wholeBetween } from './flags.js';
import { csvLines } from './output/csv.js';
import type { OutputFormat } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { readingCommand, trialTest, type ReadingFlags } from './output/reading.js';
import { trialPages } from './output/stored-sweep.js';
import { sweepEvents, type SweepEvent } from './output/sweep-events.js';
import { clock } from './output/trial-report.js';
import { isoTime, metricNames, oneLine } from './output/trial-view.js';
import { findTrial } from './trial.js';

interface Flags extends ReadingFlags {
  readonly trial?: string;
  readonly last?: number;
}

const help = `  coordinator logs har-gru
  coordinator logs har-gru --trial 7
  coordinator logs har-gru --where 'state == "failed"' --format jsonl

What happened, in order: attempts with the worker that made them and how they ended, what they logged (programs: what
they printed), and decisions with their reasons. Lines of log come with the next report, and carry its time.
--where can name parameters, metrics, number, configuration, replicate, seed and state.
`;

export function logsCommand(output: Output = terminalOutput()): Command {
  return readingCommand<Flags>(
    {
      name: 'logs',
      description: 'tell what happened in a sweep: attempts, failures, what was logged, decisions and why',
      help,
      where: 'trials',
      options: [
        new Option('--trial <number>', 'of this trial alone'),
        new Option('--last <n>', 'the last so many lines').argParser(wholeBetween(1, 1_000_000)),
      ],
    },
    async (store, sweep, flags) => {
      const write = eventWriter(output, flags.format);
      const { last, where } = flags;
      const trial =
        flags.trial === undefined ? undefined : (await findTrial(store, sweep, flags.trial)).number;
      const test = where === undefined ? undefined : await testOf(store, sweep, where);
      for await (const events of sweepEvents(store, sweep, { trial, test, last })) await write.some(events);
      await write.end();
    },
  );
}

/** Which trials are meant: the metrics that it may name are those of all trials. @throws {UsageError} */
async function testOf(
  store: SweepStore,
  { id, definition }: SweepRecord,
  where: string,
): Promise<(trial: Trial) => boolean> {
  const metrics = new Set<string>();
  for await (const page of trialPages(store, id))
    for (const name of metricNames(definition, page)) metrics.add(name);
  return trialTest(definition, [...metrics], where);
}

/** Prints events as they come, in any format of `printListing`. */
function eventWriter(output: Output, format: OutputFormat) {
  let n = 0;
  const json = ({ at, number, event, text }: SweepEvent) => ({
    at: isoTime(at),
    number: number ?? null,
    event,
    text,
  });
  const head = { csv: csvLines([['at', 'number', 'event', 'text']]), json: '[', jsonl: '', table: '' }[
    format
  ];
  const textOf = (event: SweepEvent, index: number): string => {
    switch (format) {
      case 'json':
        return `${index === 0 ? '' : ','}\n${JSON.stringify(json(event), null, 2).replace(/^/gm, '  ')}`;
      case 'jsonl':
        return `${JSON.stringify(json(event))}\n`;
      case 'csv':
        return csvLines([[isoTime(event.at) ?? '', event.number, event.event, event.text]]);
      case 'table':
        return lineOf(event);
    }
  };
  return {
    some: async (events: readonly SweepEvent[]): Promise<void> => {
      const texts = events.map((event, index) => textOf(event, n + index));
      await output.write((n === 0 ? head : '') + texts.join(''));
      n += events.length;
    },
    end: async (): Promise<void> => {
      if (n === 0) await output.write(head);
      if (format === 'json') await output.write(n === 0 ? ']\n' : '\n]\n');
      if (n === 0 && format === 'table') output.remark('nothing has happened yet');
    },
  };
}

function lineOf({ at, number, event, text }: SweepEvent): string {
  const of = number === undefined ? '' : `trial ${number} `;
  return `${clock(at)}  ${of}${event}${text === '' ? '' : `: ${oneLine(text)}`}\n`;
}
