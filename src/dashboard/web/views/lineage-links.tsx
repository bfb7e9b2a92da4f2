import type { TrialLineage } from '../../api.js';

interface LineageLinksProps extends TrialLineage {
  readonly onOpen: (trial: number) => void;
}

/** Which interval of which member of a population a trial is, with links to those before and after it. */
export function LineageLinks({ member, generation, before, after, onOpen }: LineageLinksProps) {
  const from = before.at(-1);
  return (
    <p class="lineage">
      Interval {generation + 1} of member {member + 1} of the population
      {from === undefined ? (
        ', which begins anew'
      ) : (
        <>
          ; goes on from <TrialLinks numbers={[from]} onOpen={onOpen} />
          {before.length > 1 && (
            <span class="muted">
              {' '}
              (before it <TrialLinks numbers={before.slice(0, -1)} onOpen={onOpen} />)
            </span>
          )}
        </>
      )}
      {after.length > 0 && (
        <>
          ; gone on by <TrialLinks numbers={after} onOpen={onOpen} />
        </>
      )}
      .
    </p>
  );
}

function TrialLinks({ numbers, onOpen }: { numbers: readonly number[]; onOpen: (trial: number) => void }) {
  return (
    <>
      {numbers.map((number, index) => (
        <span key={number}>
          {index > 0 && ', '}
          <button type="button" class="link" onClick={() => onOpen(number)}>
            {index === 0 ? `trial ${number}` : number}
          </button>
        </span>
      ))}
    </>
  );
}
