import { useEffect, useRef, useState } from 'preact/hooks';
import type { ErrorBody, TrialDetail } from '../../api.js';
import type { SweepModel } from '../live/sweep-model.js';
import { CurveChart } from '../charts/curve-chart.js';
import { count, formatMetric, formatTime } from '../data/format.js';
import { formatDuration } from '../../../sweep/units.js';
import { useVersion } from '../live/observable.js';
import { isTerminal } from '../../../sweep/trial.js';
import { TrialStateMark } from './badges.js';
import { Select } from './select.js';

interface TrialDialogProps {
  readonly model: SweepModel;
  readonly number: number;
  /** All of the sweep's, in their order. */
  readonly metrics: readonly string[];
  readonly onClose: () => void;
}

/** One trial with its curve, parameters, metrics and attempts. */
export function TrialDialog({ model, number, metrics, onClose }: TrialDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { detail, error } = useTrialDetail(model, number);
  useEffect(() => dialog.current?.showModal(), []);
  const closeOutside = (event: MouseEvent) => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="trial" onClose={onClose} onClick={closeOutside} aria-labelledby="trial-title">
      <article>
        <header>
          <h2 id="trial-title">Trial {number}</h2>
          {detail && <TrialStateMark state={detail.trial.state} />}
          <button type="button" class="quiet push" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </header>
        {error !== undefined ? (
          <p class="error">{error}</p>
        ) : detail ? (
          <Detail detail={detail} metrics={metrics} />
        ) : (
          <p class="muted" role="status">
            Loading trial {number}…
          </p>
        )}
      </article>
    </dialog>
  );
}

/** Read again while the trial is not over and its sweep changes. */
function useTrialDetail(model: SweepModel, number: number) {
  useVersion(model);
  const [detail, setDetail] = useState<TrialDetail>();
  const [error, setError] = useState<string>();
  const isOver = detail !== undefined && isTerminal(detail.trial.state);
  useEffect(() => {
    const abort = new AbortController();
    fetch(`${model.base}/trials/${number}`, { signal: abort.signal })
      .then(async (response) => {
        const body = (await response.json()) as TrialDetail | ErrorBody;
        if ('error' in body) setError(body.error.message);
        else setDetail(body);
      })
      .catch(() => {
        if (!abort.signal.aborted) setError('The server does not answer.');
      });
    return () => abort.abort();
  }, [number, isOver ? undefined : model.progress?.revision]);
  return { detail, error: detail ? undefined : error };
}

function Detail({ detail, metrics }: { detail: TrialDetail; metrics: readonly string[] }) {
  const { trial, attempts, reports, reportCount } = detail;
  const curved = metrics.filter((metric) => reports.some((report) => metric in report.metrics));
  const [chosen, setChosen] = useState<string>();
  const metric = chosen !== undefined && curved.includes(chosen) ? chosen : curved[0];
  const reason = trial.failure ? `${trial.failure.class}: ${trial.failure.message}` : trial.reason;
  return (
    <>
      {reason !== undefined && <p class="reason">{reason}</p>}
      {metric !== undefined && (
        <section aria-label="Curve">
          {curved.length > 1 && (
            <Select
              label="Curve of"
              value={metric}
              options={curved.map((name) => [name, name])}
              onChange={setChosen}
            />
          )}
          <CurveChart metric={metric} reports={reports} />
          {reportCount > reports.length && (
            <p class="muted note">
              {reports.length.toLocaleString('en')} of {count(reportCount, 'report')} drawn
            </p>
          )}
        </section>
      )}
      <div class="columns">
        <Pairs title="Parameters" pairs={Object.entries(trial.parameters).map(([n, v]) => [n, String(v)])} />
        <Pairs
          title="Metrics"
          pairs={[...new Set([...metrics, ...Object.keys(trial.metrics)])]
            .filter((name) => name in trial.metrics)
            .map((name) => [name, formatMetric(name, trial.metrics[name])])}
        />
        <Pairs
          title="Trial"
          pairs={[
            ['configuration', String(trial.configuration)],
            ['replicate', String(trial.replicate + 1)],
            ['seed', String(trial.seed)],
            ['proposed', formatTime(trial.createdAt)],
          ]}
        />
      </div>
      {attempts.length > 0 && <Attempts attempts={attempts} />}
      {trial.details !== undefined && (
        <details>
          <summary>Details</summary>
          <pre>{JSON.stringify(trial.details, null, 1)}</pre>
        </details>
      )}
    </>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: readonly (readonly [string, string])[] }) {
  if (pairs.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl class="pairs">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Attempts({ attempts }: Pick<TrialDetail, 'attempts'>) {
  return (
    <section>
      <h3>Attempts</h3>
      <ol class="attempts">
        {attempts.map(({ attempt, workerId, startedAt, finishedAt, outcome, failure }) => (
          <li key={attempt} value={attempt}>
            {outcome ?? (finishedAt === undefined ? 'running' : 'ended')} on{' '}
            <span class="id">{workerId}</span>
            {finishedAt !== undefined && ` after ${formatDuration((finishedAt - startedAt) / 1000)}`}
            {failure && (
              <span class="muted">
                {' '}
                – {failure.class}: {failure.message}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
