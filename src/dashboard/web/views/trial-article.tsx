import { useState } from 'preact/hooks';
import type { SweepView, TrialDetail, WorkerRecord } from '../../api.js';
import { formatBytes, formatDuration } from '../../../sweep/units.js';
import { CurveChart } from '../charts/curve-chart.js';
import { confusionOf } from '../data/confusion.js';
import { count, formatMetric, formatTime } from '../data/format.js';
import { repeatCommand } from '../data/repeat.js';
import { AttemptList } from './attempt-list.js';
import { ConfusionTable } from './confusion-table.js';
import { CsvButton, PngButton } from './downloads.js';
import { LineageLinks } from './lineage-links.js';
import { Select } from './select.js';

interface TrialArticleProps {
  readonly detail: TrialDetail;
  readonly sweep: SweepView;
  readonly metrics: readonly string[];
  readonly workers: readonly WorkerRecord[];
  /** Shows another trial. */
  readonly onOpen: (trial: number) => void;
}

/** Curve, parameters, metrics, confusion matrix, attempts, decisions, machine, and how to repeat it. */
export function TrialArticle({ detail, sweep, metrics, workers, onOpen }: TrialArticleProps) {
  const { trial, attempts, logs, decisions } = detail;
  const reason = trial.failure ? `${trial.failure.class}: ${trial.failure.message}` : trial.reason;
  const confusion = confusionOf(trial.details);
  return (
    <>
      {reason !== undefined && <p class="reason">{reason}</p>}
      {detail.lineage && <LineageLinks {...detail.lineage} onOpen={onOpen} />}
      <Curve detail={detail} metrics={metrics} />
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
            ...(trial.startedAt !== undefined && trial.finishedAt !== undefined
              ? [['took', formatDuration((trial.finishedAt - trial.startedAt) / 1000)] as const]
              : []),
          ]}
        />
        <Machine worker={workers.find(({ id }) => id === trial.workerId)} id={trial.workerId} />
      </div>
      {confusion && <ConfusionTable {...confusion} number={trial.number} />}
      {attempts.length > 0 && <AttemptList {...{ attempts, logs, workers, onOpen }} number={trial.number} />}
      {decisions.length > 0 && <Decisions decisions={decisions} />}
      <section>
        <h3>To repeat it</h3>
        <pre class="command" tabIndex={0}>
          {repeatCommand(sweep.definition, trial)}
        </pre>
      </section>
      {trial.details !== undefined && (
        <details>
          <summary>Details</summary>
          <pre>{JSON.stringify(trial.details, null, 1)}</pre>
        </details>
      )}
    </>
  );
}

function Curve({ detail, metrics }: Pick<TrialArticleProps, 'detail' | 'metrics'>) {
  const { reports, reportCount, trial } = detail;
  const curved = metrics.filter((metric) => reports.some((report) => metric in report.metrics));
  const [chosen, setChosen] = useState<string>();
  const metric = chosen !== undefined && curved.includes(chosen) ? chosen : curved[0];
  if (metric === undefined) return null;
  return (
    <section aria-label="Curve">
      {curved.length > 1 && (
        <div class="panel-head">
          <Select
            label="Curve of"
            value={metric}
            options={curved.map((name) => [name, name])}
            onChange={setChosen}
          />
        </div>
      )}
      <CurveChart metric={metric} reports={reports} before={detail.lineage?.reports}>
        {metric} over steps
        <PngButton name={`trial-${trial.number}-${metric}`} />
        <CsvButton
          name={`trial-${trial.number}`}
          rows={() => [
            ['attempt', 'step', ...curved],
            ...reports.map(({ attempt, step, metrics }) => [
              attempt,
              step,
              ...curved.map((name) => metrics[name]),
            ]),
          ]}
        />
      </CurveChart>
      {detail.lineage && detail.lineage.before.length > 0 && (
        <p class="muted note">Broken: the intervals before it, which trained with other parameters</p>
      )}
      {reportCount > reports.length && (
        <p class="muted note">
          {reports.length.toLocaleString('en')} of {count(reportCount, 'report')} drawn
        </p>
      )}
    </section>
  );
}

function Machine({ worker, id }: { worker: WorkerRecord | undefined; id: string | undefined }) {
  if (id === undefined) return null;
  return (
    <Pairs
      title="Machine"
      pairs={[
        ['worker', id],
        ...(worker
          ? ([
              ['host', worker.host],
              ['device', worker.device],
              ['backend', worker.backend],
              ['memory', formatBytes(worker.memoryBytes)],
            ] as const)
          : []),
      ]}
    />
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

function Decisions({ decisions }: Pick<TrialDetail, 'decisions'>) {
  return (
    <section>
      <h3>Decisions</h3>
      <ol class="attempts decisions">
        {decisions.map(({ action, reason, decidedAt }, index) => (
          <li key={index}>
            <b>{action}</b> {reason} <time class="muted">{formatTime(decidedAt)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}
