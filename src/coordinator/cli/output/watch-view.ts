import { forecast } from '../../../analysis/forecast.js';
import { leadersText, rankMembers } from '../../../analysis/ranking.js';
import type { SweepRecord, WorkerRecord } from '../../../store/sweep-store.js';
import { compareValues } from '../../../sweep/objective.js';
import { plannedTrials } from '../../../sweep/samplers.js';
import { compileSpace } from '../../../sweep/space.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { isTerminal, type Trial } from '../../../sweep/trial.js';
import { formatDuration, formatNumber } from '../../../sweep/units.js';
import { bestTable } from './best-view.js';
import { bar, sparkline } from './spark.js';
import { cut } from './table.js';
import { reasonOf, stateOf } from './sweep-state.js';
import { oneLine } from './trial-view.js';
import type { Curve } from './trial-report.js';

/** What a look at a sweep sees. */
export interface Watched {
  readonly sweep: SweepRecord;
  /** By number. */
  readonly trials: readonly Trial[];
  readonly curves: readonly { readonly trial: Trial; readonly curve: Curve | undefined }[];
  readonly workers: readonly WorkerRecord[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const shownBest = 5;
/** Of more completed trials only each new one's effect on the best is worth the time, not the probabilities. */
const mostRanked = 5000;

/** One line, for pipes and files. */
export function progressText(watched: Watched): string {
  const { sweep, trials } = watched;
  const states = new Map<string, number>();
  for (const { state } of trials) states.set(state, (states.get(state) ?? 0) + 1);
  const best = bestSoFar(watched).at(-1);
  return [
    `${sweep.definition.name} ${stateOf(sweep)}`,
    `${endedOf(trials)}${plannedText(sweep)} ended`,
    ...[...states]
      .filter(([state]) => state !== 'queued' && state !== 'running')
      .map(([state, count]) => `${count} ${state}`),
    ...(best === undefined ? [] : [`best ${primary(sweep)[0]} ${formatNumber(best)}`]),
  ].join(' · ');
}

/** The whole picture, at most `width` columns wide. */
export function watchLines(watched: Watched, width: number): string[] {
  const { sweep, trials, curves, workers, now } = watched;
  const { definition, id, usage } = sweep;
  const [state, reason] = [stateOf(sweep), reasonOf(sweep)];
  const planned = plannedTrials(definition, compileSpace(definition));
  const ended = endedOf(trials);
  const share = planned === undefined || planned === 0 ? undefined : ended / planned;
  const lines = [`${definition.name} (${id})  ${state}${reason === undefined ? '' : `: ${oneLine(reason)}`}`];
  const left =
    state === 'running'
      ? forecast(definition.budget, {
          ended,
          planned,
          seconds: usage.seconds,
          slotSeconds: usage.slotSeconds,
        })
      : undefined;
  const progress = share === undefined ? '' : `${bar(share, 24).padEnd(24)} `;
  lines.push(
    `${progress}${ended}${plannedText(sweep)} ended  ${formatDuration(usage.seconds)}${left ? `, about ${formatDuration(left.seconds)} left` : ''}`,
  );
  const course = bestSoFar(watched);
  const [metric] = primary(sweep);
  const best = course.at(-1);
  if (best !== undefined) lines.push('', `best ${metric} ${formatNumber(best)}  ${sparkline(course, 40)}`);
  const completed = trials.filter((trial) => trial.state === 'completed');
  if (completed.length > 0 && completed.length <= mostRanked) {
    const ranking = rankMembers(definition, completed);
    lines.push(...bestTable(definition, ranking.rows.slice(0, shownBest), width).trimEnd().split('\n'));
    const leaders = definition.search.pbt ? undefined : leadersText(ranking);
    if (leaders !== undefined) lines.push(leaders);
  }
  if (curves.length > 0) lines.push('', 'running');
  for (const { trial, curve } of curves) {
    const value = curve?.values.at(-1);
    const text =
      curve && value !== undefined
        ? `${sparkline(curve.values)} ${curve.metric} ${formatNumber(value)} at step ${curve.steps.at(-1)}`
        : 'no report yet';
    const since =
      trial.startedAt === undefined
        ? ''
        : formatDuration(Math.max(0, Math.round((now - trial.startedAt) / 1000)));
    lines.push(`  ${String(trial.number).padStart(5)}  ${since.padEnd(9)} ${trial.workerId ?? ''}  ${text}`);
  }
  const alive = workers.filter((worker) => worker.state === 'running' || worker.state === 'draining');
  if (alive.length > 0) lines.push('', 'workers');
  for (const { id: name, host, slots, busy, backend, state: doing } of alive)
    lines.push(
      `  ${name}  ${bar(busy / Math.max(1, slots), 8).padEnd(8)} ${busy} of ${slots} slots  ${backend}  ${host}${doing === 'draining' ? '  draining' : ''}`,
    );
  return lines.map((line) => cut(line, width));
}

function primary({ definition }: SweepRecord): readonly [string, Direction] {
  return Object.entries(definition.objectives)[0] ?? ['', Direction.Maximize];
}

function endedOf(trials: readonly Trial[]): number {
  return trials.filter(({ state }) => isTerminal(state)).length;
}

function plannedText({ definition }: SweepRecord): string {
  const planned = plannedTrials(definition, compileSpace(definition));
  return planned === undefined ? '' : ` of ${planned}`;
}

/** The best value after each completed trial, in the order in which they ended. */
function bestSoFar({ sweep, trials }: Watched): number[] {
  const [metric, direction] = primary(sweep);
  const ended = trials
    .filter(({ state, metrics }) => state === 'completed' && metrics[metric] !== undefined)
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
  let best: number | undefined;
  return ended.map((trial) => {
    const value = trial.metrics[metric];
    if (best === undefined || compareValues(value, best, direction) < 0) best = value;
    return best ?? NaN;
  });
}
