/** How many slots of a worker train. */
export function Slots({ busy, slots }: { busy: number; slots: number }) {
  return (
    <span class="slots" role="img" aria-label={`${busy} of ${slots} slots busy`}>
      {slots <= 16 &&
        Array.from({ length: slots }, (_, slot) => <i key={slot} class={slot < busy ? 'busy' : ''} />)}
      <span>
        {busy} / {slots}
      </span>
    </span>
  );
}
