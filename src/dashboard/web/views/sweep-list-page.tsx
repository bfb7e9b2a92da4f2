import { useEffect, useState } from 'preact/hooks';
import { ListModel } from '../live/list-model.js';
import { useVersion } from '../live/observable.js';
import { formatRoute } from '../routing.js';
import { Frame } from './frame.js';
import { Blank, Loading, Refused } from './notices.js';
import { SweepCard } from './sweep-card.js';
import { useNow } from './use-now.js';

export function SweepListPage() {
  const [model] = useState(() => new ListModel());
  useEffect(() => () => model.close(), [model]);
  useVersion(model);
  const now = useNow(1000) + model.clockOffset;
  const { sweeps, status } = model;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  return (
    <Frame
      title=""
      status={status}
      problem={model.problem}
      changing={sweeps?.some(({ state }) => state === 'running') ?? false}
      onRetry={() => model.retry()}
    >
      {status.kind === 'refused' ? (
        <Refused {...status} />
      ) : sweeps === undefined ? (
        <Loading what="sweeps" />
      ) : sweeps.length === 0 ? (
        <NoSweeps />
      ) : (
        <section class="sweeps">
          <div class="title-row">
            <h1>Sweeps</h1>
            {chosen.length > 0 && (
              <a class="button" href={formatRoute({ page: 'compare', sweeps: chosen })}>
                Compare {chosen.length}
              </a>
            )}
          </div>
          <ol>
            {sweeps.map((sweep) => (
              <SweepCard
                key={sweep.id}
                sweep={sweep}
                now={now}
                chosen={chosen.includes(sweep.id)}
                onChoose={(on) =>
                  setChosen([...chosen.filter((id) => id !== sweep.id), ...(on ? [sweep.id] : [])])
                }
              />
            ))}
          </ol>
        </section>
      )}
    </Frame>
  );
}

function NoSweeps() {
  return (
    <Blank title="No sweeps yet">
      <p>A sweep appears here when it starts. To run the one that comes with Sweepyard:</p>
      <pre>coordinator start configs/quickstart.yaml</pre>
    </Blank>
  );
}
