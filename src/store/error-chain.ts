/** An error, and what caused it, outermost first. Prisma keeps the database's own error under `meta`. */
export function* errorChain(error: unknown): Generator<Readonly<Record<string, unknown>>> {
  let at: unknown = error;
  for (let depth = 0; isRecord(at) && depth < 8; depth++) {
    yield at;
    const { meta } = at;
    at = isRecord(meta) && isRecord(meta['driverAdapterError']) ? meta['driverAdapterError'] : at['cause'];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
