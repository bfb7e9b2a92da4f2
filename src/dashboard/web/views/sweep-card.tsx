import type { SweepSummary } from '../../api.js';
import { isTerminal, TrialState } from '../../../sweep/trial.js';
import { formatAgo, formatMetric, formatParameters, formatTime } from '../data/format.js';
import { formatDuration, formatNumber } from '../../../sweep/units.js';
import { formatRoute } from '../routing.js';
import { StateBadge, TestSetMark } from './badges.js';
import { StateBar } from './state-bar.js';

interface SweepCardProps {
  readonly sweep: SweepSummary;
  readonly now: number;
  /** Whether it is to be compared with others. */
  readonly chosen: boolean;
  readonly onChoose: (chosen: boolean) => void;
}

/** A sweep in the list. */
export function SweepCard({ sweep, now, chosen, onChoose }: SweepCardProps) {
  const { counts, best, objective } = sweep;
  const created = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const total = Math.max(sweep.planned ?? 0, created);
  const done = Object.values(TrialState).reduce(
    (sum, state) => sum + (isTerminal(state) ? counts[state] : 0),
    0,
  );
  return (
    <li class="sweep-card" data-sweep={sweep.id}>
      <label class="choose" title="Compare">
        <input
          type="checkbox"
          checked={chosen}
          aria-label={`Compare ${sweep.name} (${sweep.id})`}
          onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
        />
      </label>
      <a href={formatRoute({ page: 'sweep', sweepId: sweep.id, tab: 'overview', view: {} })}>
        <div class="who">
          <h2>{sweep.name}</h2>
          <StateBadge {...sweep} />
          {sweep.selectsOnTest && <TestSetMark />}
          <p class="muted">
            {sweep.trainable} ·{' '}
            <time dateTime={new Date(sweep.createdAt).toISOString()} title={formatTime(sweep.createdAt)}>
              {formatAgo(sweep.createdAt, now)}
            </time>
            {sweep.finishedAt !== undefined &&
              ` · took ${formatDuration((sweep.finishedAt - sweep.createdAt) / 1000)}`}
            {` · ${sweep.id}`}
            {sweep.reason !== undefined && ` · ${sweep.reason}`}
          </p>
        </div>
        <div class="how-far">
          <p>
            <b>{done.toLocaleString('en')}</b>
            {sweep.planned !== undefined ? ` of ${total.toLocaleString('en')} trials` : ' trials done'}
            {counts.running > 0 && <span class="muted"> · {counts.running} running</span>}
            {counts.failed > 0 && <span class="muted"> · {counts.failed} failed</span>}
            {sweep.secondsLeft !== undefined && (
              <span class="muted"> · about {formatDuration(sweep.secondsLeft)} left</span>
            )}
            {sweep.cost !== undefined && (
              <span class="muted"> · cost {formatNumber(sweep.cost, 3)} so far</span>
            )}
          </p>
          <StateBar counts={counts} total={total} />
        </div>
        <div class="best">
          {best ? (
            <>
              <p>
                <b>{formatMetric(objective.metric, best.value)}</b> {objective.metric}
                {!best.feasible && <span class="muted"> · no trial keeps the limits</span>}
              </p>
              <p class="muted parameters">{formatParameters(best.parameters)}</p>
            </>
          ) : (
            <p class="muted">no result yet</p>
          )}
        </div>
      </a>
    </li>
  );
}
