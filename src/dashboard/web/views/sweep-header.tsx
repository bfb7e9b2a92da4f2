import { useState } from 'preact/hooks';
import type { SweepView } from '../../api.js';
import { formatAgo, formatRate, formatTime } from '../data/format.js';
import type { SweepAction } from '../../../sweep/steering/sweep-action.js';
import type { ProgressAnswer } from '../../api/charts.js';
import { formatDuration, formatNumber } from '../../../sweep/units.js';
import { ActionDialog } from './action-dialog.js';
import { actionForms } from './action-forms.js';
import { StateBadge, TestSetMark, TrialStateMark } from './badges.js';
import { barOrder, StateBar } from './state-bar.js';
import { useNow } from './use-now.js';

interface SweepHeaderProps {
  readonly sweep: SweepView;
  readonly progress: ProgressAnswer;
  /** Where the server answers about the sweep. */
  readonly base: string;
  /** The server's time. */
  readonly now: () => number;
}

/** What the sweep is, how far it is, and the way to stop it. */
export function SweepHeader({ sweep, progress, base, now }: SweepHeaderProps) {
  const [asking, setAsking] = useState<SweepAction['action']>();
  const { definition } = sweep;
  return (
    <section class="sweep-header" aria-label="Sweep">
      <div class="title-row">
        <h1>{definition.name}</h1>
        <StateBadge {...sweep} />
        {sweep.selectsOnTest && <TestSetMark />}
        <span class="actions">
          {sweep.actions.map((kind) => (
            <button
              key={kind}
              type="button"
              class={actionForms[kind].danger ? 'danger' : 'quiet'}
              onClick={() => setAsking(kind)}
            >
              {actionForms[kind].label}
            </button>
          ))}
        </span>
      </div>
      {sweep.reason && <p class="reason">{sweep.reason}</p>}
      <Facts {...{ sweep, progress, now }} />
      <StateBar counts={progress.counts} total={progress.total} />
      <ul class="legend states">
        {barOrder
          .filter((state) => progress.counts[state] > 0)
          .map((state) => (
            <li key={state} data-state={state} data-count={progress.counts[state]}>
              <TrialStateMark state={state} /> <b>{progress.counts[state].toLocaleString('en')}</b>
            </li>
          ))}
      </ul>
      {asking && (
        <ActionDialog
          kind={asking}
          context={{ sweep, counts: progress.counts }}
          base={base}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  );
}

function Facts({ sweep, progress, now }: Omit<SweepHeaderProps, 'base'>) {
  useNow(1000);
  const { done, total, totalIsKnown, rate, secondsLeft } = progress;
  const price = sweep.definition.budget.pricePerGpuHour;
  const elapsed = ((sweep.finishedAt ?? now()) - sweep.createdAt) / 1000;
  return (
    <dl class="facts">
      <div>
        <dt>trials done</dt>
        <dd data-fact="done">
          {done.toLocaleString('en')} {totalIsKnown && <small>of {total.toLocaleString('en')}</small>}
        </dd>
      </div>
      <div>
        <dt>{sweep.state === 'running' ? 'rate lately' : 'rate'}</dt>
        <dd>{rate === undefined ? '–' : formatRate(rate)}</dd>
      </div>
      {sweep.shown === 'running' ? (
        <div>
          <dt>time left</dt>
          <dd>{secondsLeft === undefined ? '–' : `about ${formatDuration(secondsLeft)}`}</dd>
        </div>
      ) : null}
      <div>
        <dt>{sweep.finishedAt === undefined ? 'started' : 'took'}</dt>
        <dd title={formatTime(sweep.createdAt)}>
          {sweep.finishedAt === undefined ? formatAgo(sweep.createdAt, now()) : formatDuration(elapsed)}
        </dd>
      </div>
      {price !== undefined && (
        <div>
          <dt>cost so far</dt>
          <dd>{formatNumber((price * sweep.usage.slotSeconds) / 3600, 3)}</dd>
        </div>
      )}
      <div>
        <dt>sampler</dt>
        <dd>{sweep.definition.search.sampler}</dd>
      </div>
      <div>
        <dt>objectives</dt>
        <dd>
          {Object.entries(sweep.definition.objectives).map(([metric, direction]) => (
            <span class="objective" key={metric} title={direction}>
              {metric} <span aria-label={direction}>{direction === 'maximize' ? '↑' : '↓'}</span>
            </span>
          ))}
        </dd>
      </div>
    </dl>
  );
}
