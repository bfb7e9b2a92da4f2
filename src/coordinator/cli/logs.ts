import { Option, type Command } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { isTerminal } from '../../sweep/trial.js';
import { csvLines } from './output/csv.js';
import { printListing } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { readingCommand, trialsWhere, type ReadingFlags } from './output/reading.js';
import { clock } from './output/trial-report.js';
import { isoTime, oneLine } from './output/trial-view.js';

interface Flags extends ReadingFlags {
  readonly trial?: number;
  readonly last?: number;
}

/** Something that happened. */
interface Event {
  readonly at: number;
  /** Absent: of the sweep. */
  readonly number?: number;
  readonly event: string;
  readonly text: string;
}

const help = `  coordinator logs har-gru
  coordinator logs har-gru --trial 7
  coordinator logs har-gru --where 'state == "failed"' --format jsonl

What happened, in order: attempts with the worker that made them and how they ended, what they logged (programs: what
they printed), and decisions with their reasons. Lines of log come with the next report, and carry its time.
--where can name parameters, metrics, number, configuration, replicate, seed and state.
`;

export function logsCommand(output: Output = terminalOutput()): Command {
  const whole = (text: string): number => Number.parseInt(text, 10);
  return readingCommand<Flags>(
    {
      name: 'logs',
      description: 'tell what happened in a sweep: attempts, failures, what was logged, decisions and why',
      help,
      where: 'trials',
      options: [
        new Option('--trial <number>', 'of this trial alone').argParser(whole),
        new Option('--last <n>', 'the last so many lines').argParser(whole),
      ],
    },
    async (store, sweep, flags) => {
      const all = await readEvents(store, sweep, flags);
      const events = flags.last === undefined ? all : all.slice(-flags.last);
      await printListing(output, flags.format, {
        json: () =>
          events.map(({ at, number, event, text }) => ({
            at: isoTime(at),
            number: number ?? null,
            event,
            text,
          })),
        csv: () =>
          csvLines([
            ['at', 'number', 'event', 'text'],
            ...events.map(({ at, number, event, text }) => [isoTime(at) ?? '', number, event, text]),
          ]),
        table: () => events.map(lineOf).join(''),
        nothing: 'nothing has happened yet',
      });
    },
  );
}

function lineOf({ at, number, event, text }: Event): string {
  const of = number === undefined ? '' : `trial ${number} `;
  return `${clock(at)}  ${of}${event}${text === '' ? '' : `: ${oneLine(text)}`}\n`;
}

async function readEvents(store: SweepStore, sweep: SweepRecord, flags: Flags): Promise<Event[]> {
  const { id, definition, createdAt, finishedAt, state, reason } = sweep;
  const meant = (await trialsWhere(store, sweep, flags.where)).filter(
    ({ number }) => flags.trial === undefined || number === flags.trial,
  );
  const numbers = new Set(meant.map(({ number }) => number));
  const isWhole = flags.trial === undefined && flags.where === undefined;
  const events: Event[] = [];
  if (isWhole) events.push({ at: createdAt, event: 'sweep begins', text: definition.name });
  for (const decision of await store.decisions(id)) {
    const { number, action, decidedAt } = decision;
    if (number === undefined ? !isWhole : !numbers.has(number)) continue;
    events.push({
      at: decidedAt,
      event: action,
      text: decision.reason,
      ...(number === undefined ? {} : { number }),
    });
  }
  for (const attempt of await store.attemptsOf(id, [...numbers])) {
    const { number, workerId, failure, outcome } = attempt;
    const which = attempt.attempt > 1 ? ` (attempt ${attempt.attempt})` : '';
    events.push({ at: attempt.startedAt, number, event: `started${which}`, text: `on ${workerId}` });
    if (attempt.finishedAt === undefined) continue;
    const text = failure ? `${failure.class}: ${failure.message}` : '';
    events.push({ at: attempt.finishedAt, number, event: `${outcome ?? 'ended'}${which}`, text });
  }
  for (const { number, lines, loggedAt } of await store.logsOf(id, [...numbers]))
    for (const text of lines) events.push({ at: loggedAt, number, event: 'log', text });
  for (const trial of meant) {
    if (trial.reason === undefined || !isTerminal(trial.state) || trial.finishedAt === undefined) continue;
    events.push({ at: trial.finishedAt, number: trial.number, event: trial.state, text: trial.reason });
  }
  if (isWhole && finishedAt !== undefined)
    events.push({ at: finishedAt, event: `sweep is ${state}`, text: reason ?? '' });
  // What an attempt logged before its result has the time of the result, and comes first.
  const rank = ({ event }: Event): number => (event === 'log' ? 1 : event.startsWith('started') ? 0 : 2);
  return events.sort((a, b) => a.at - b.at || rank(a) - rank(b));
}
