import { useEffect, useState } from 'preact/hooks';
import type { WorkersAnswer, WorkerView } from '../../api/workers.js';
import { formatBytes } from '../../../sweep/units.js';
import { count, formatAgo } from '../data/format.js';
import { isAtWork, presenceOf } from '../data/presence.js';
import { ListModel } from '../live/list-model.js';
import { useVersion } from '../live/observable.js';
import { formatRoute } from '../routing.js';
import { CsvButton } from './downloads.js';
import { Frame } from './frame.js';
import { Blank, Loading, Refused } from './notices.js';
import { Slots } from './slots.js';
import { useNow } from './use-now.js';

/** Milliseconds between two looks at who works. */
const interval = 2_000;

/** Every worker of the store: what it is, what it runs, how that goes. */
export function WorkersPage() {
  const [model] = useState(() => new ListModel());
  useEffect(() => () => model.close(), [model]);
  useVersion(model);
  const answer = useWorkers();
  const now = useNow(1000) + model.clockOffset;
  return (
    <Frame
      title="workers"
      status={model.status}
      problem={model.problem}
      changing={answer?.workers.some(({ state }) => isAtWork(state)) ?? false}
      onRetry={() => model.retry()}
    >
      {model.status.kind === 'refused' ? (
        <Refused {...model.status} />
      ) : !answer ? (
        <Loading what="workers" />
      ) : answer.workers.length === 0 ? (
        <Blank title="No workers yet">
          <p>A worker appears here when it starts. On another machine, with what the coordinator printed:</p>
          <pre>worker start --join JOIN-STRING</pre>
        </Blank>
      ) : (
        <section class="panel workers" aria-label="All workers">
          <div class="panel-head">
            <h1>Workers</h1>
            <span class="push">
              <CsvButton name="workers" rows={() => csvOf(answer.workers)} />
            </span>
          </div>
          <WorkersTable workers={answer.workers} now={now} />
        </section>
      )}
    </Frame>
  );
}

function useWorkers(): WorkersAnswer | undefined {
  const [answer, setAnswer] = useState<WorkersAnswer>();
  useEffect(() => {
    const abort = new AbortController();
    const look = () => {
      if (document.visibilityState === 'hidden') return;
      fetch('./api/v1/workers', { signal: abort.signal })
        .then(async (response) => {
          if (response.ok) setAnswer((await response.json()) as WorkersAnswer);
        })
        // The frame says that the server is away.
        .catch(() => undefined);
    };
    look();
    const timer = setInterval(look, interval);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, []);
  return answer;
}

function WorkersTable({ workers, now }: { workers: readonly WorkerView[]; now: number }) {
  const sorted = [...workers].sort(
    (a, b) =>
      Number(isAtWork(presenceOf(b, now))) - Number(isAtWork(presenceOf(a, now))) || b.seenAt - a.seenAt,
  );
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            {['worker', 'host', 'state', 'slots busy', 'backend', 'device'].map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
            {['memory', 'ended', 'failed', 'last seen'].map((name) => (
              <th scope="col" class="number" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">runs</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((worker) => (
            <Row key={worker.id} worker={worker} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Trials named in a row; more are counted. */
const mostNamed = 4;

function Row({ worker, now }: { worker: WorkerView; now: number }) {
  const presence = presenceOf(worker, now);
  const { runs, quarantine } = worker;
  return (
    <tr data-worker={worker.id} class={isAtWork(presence) ? '' : 'past'}>
      <td class="id">{worker.id}</td>
      <td>{worker.host}</td>
      <td>
        {quarantine.length === 0 ? presence : <b class="warning-text">quarantine</b>}
        {quarantine.map(({ sweep, name, reason }) => (
          <span class="why" key={sweep}>
            <a href={formatRoute({ page: 'sweep', sweepId: sweep, tab: 'workers', view: {} })}>{name}</a>:{' '}
            {reason}
          </span>
        ))}
      </td>
      <td>{isAtWork(presence) && <Slots busy={worker.busy} slots={worker.slots} />}</td>
      <td>{worker.backend}</td>
      <td>{worker.device}</td>
      <td class="number">{formatBytes(worker.memoryBytes)}</td>
      <td class="number">{worker.ended.toLocaleString('en')}</td>
      <td class="number">
        {worker.failed}
        {worker.ended > 0 && ` (${Math.round((100 * worker.failed) / worker.ended)} %)`}
      </td>
      <td class="number">{formatAgo(worker.seenAt, now)}</td>
      <td>
        {runs.slice(0, mostNamed).map(({ sweep, name, number }) => (
          <a
            key={`${sweep} ${number}`}
            class="pair"
            href={formatRoute({ page: 'sweep', sweepId: sweep, tab: 'overview', view: { trial: number } })}
          >
            {name} {number}
          </a>
        ))}
        {runs.length > mostNamed && count(runs.length - mostNamed, 'more trial')}
      </td>
    </tr>
  );
}

function csvOf(workers: readonly WorkerView[]) {
  return [
    ['worker', 'host', 'pool', 'state', 'slots', 'busy', 'backend', 'device', 'memory', 'ended', 'failed'],
    ...workers.map((w) => [
      w.id,
      w.host,
      w.pool,
      w.state,
      w.slots,
      w.busy,
      w.backend,
      w.device,
      w.memoryBytes,
      w.ended,
      w.failed,
    ]),
  ];
}
