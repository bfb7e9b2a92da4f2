import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Seconds without a byte after which a download is given up. */
const stallSeconds = 30;

/**
 * Downloads a file, whole or not at all.
 * @param log told the progress, about every tenth
 * @throws Error whose text says what went wrong
 */
export async function download(url: string, to: string, log: (message: string) => void): Promise<void> {
  const controller = new AbortController();
  const giveUp = (): void =>
    controller.abort(new Error(`nothing came from ${new URL(url).host} for ${stallSeconds} seconds`));
  let timer = setTimeout(giveUp, 1000 * stallSeconds);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, 1000 * stallSeconds);
  };
  await mkdir(dirname(to), { recursive: true });
  const unfinished = `${to}.${randomUUID()}`;
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || !response.body)
      throw new Error(`${url} answered ${response.status} ${response.statusText}`);
    const total = Number(response.headers.get('content-length') ?? NaN);
    const meter = progress(total, alive, log);
    await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(unfinished), {
      signal: controller.signal,
    });
    await rename(unfinished, to);
  } catch (error) {
    await rm(unfinished, { force: true });
    // What `fetch` throws says no more than "fetch failed"; its cause says why.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw controller.signal.aborted ? controller.signal.reason : cause;
  } finally {
    clearTimeout(timer);
  }
}

function progress(total: number, alive: () => void, log: (message: string) => void): Transform {
  const step = Number.isFinite(total) ? total / 10 : 10 * 2 ** 20;
  let done = 0;
  let said = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      alive();
      done += chunk.length;
      if (done - said >= step) {
        said = done;
        const of = Number.isFinite(total) ? ` of ${megabytes(total)}` : '';
        log(`downloaded ${megabytes(done)}${of} MB`);
      }
      next(null, chunk);
    },
  });
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
