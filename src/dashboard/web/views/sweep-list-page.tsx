import { useEffect, useState } from 'preact/hooks';
import { ListModel } from '../live/list-model.js';
import { useVersion } from '../live/observable.js';
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
          <h1>Sweeps</h1>
          <ol>
            {sweeps.map((sweep) => (
              <SweepCard key={sweep.id} sweep={sweep} now={now} />
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
