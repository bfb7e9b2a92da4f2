import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { obtainNatsServer } from '../../src/messaging/server/obtain-nats-server.js';
import { EnvironmentError } from '../../src/support/errors.js';
import { temporaryDirectory } from '../support/nats.js';

const run = promisify(execFile);

/** A program that answers `--version` as nats-server does. */
async function writeProgram(path: string, version: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(path, 0o755);
  return path;
}

async function folder(): Promise<string> {
  const directory = await temporaryDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Serves one archive over HTTP. */
async function serve(bytes: Uint8Array): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/release.tar.gz') response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function archiveOfProgram(directory: string): Promise<{ bytes: Uint8Array; sha256: string }> {
  const inside = join(directory, 'nats-server-v2.15.0-linux-amd64');
  await mkdir(inside);
  await writeProgram(join(inside, 'nats-server'), '2.15.0');
  const archive = join(directory, 'release.tar.gz');
  await run('tar', ['-czf', archive, '-C', directory, 'nats-server-v2.15.0-linux-amd64']);
  const bytes = await readFile(archive);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

describe.skipIf(process.platform === 'win32')('obtaining nats-server', () => {
  it('obtaining - an installed one is used, the first that is new enough', async () => {
    const [old, recent] = [await folder(), await folder()];
    await writeProgram(join(old, 'nats-server'), '2.8.4');
    const path = await writeProgram(join(recent, 'nats-server'), '2.10.1');
    expect(await obtainNatsServer({ directories: [old, recent], aptGet: undefined })).toEqual({
      path,
      version: '2.10.1',
    });
  });

  it('obtaining - the one that was named is used, or its fault is told', async () => {
    const directory = await folder();
    const path = await writeProgram(join(directory, 'server'), '2.9.10');
    expect(await obtainNatsServer({ explicit: path })).toEqual({ path, version: '2.9.10' });

    await writeProgram(path, '2.2.0');
    await expect(obtainNatsServer({ explicit: path })).rejects.toThrow(
      new EnvironmentError(`${path} is nats-server 2.2.0; Sweepyard needs 2.9 or later`),
    );
    await writeFile(path, '#!/bin/sh\necho hello\n');
    await expect(obtainNatsServer({ explicit: path })).rejects.toThrow(
      new EnvironmentError(`${path} is no nats-server: "${path} --version" says "hello"`),
    );
    await chmod(path, 0o644);
    await expect(obtainNatsServer({ explicit: path })).rejects.toThrow(
      `${path} can't be run as nats-server: spawn ${path} EACCES`,
    );
    await expect(obtainNatsServer({ explicit: join(directory, 'none') })).rejects.toThrow(
      `can't be run as nats-server: spawn ${join(directory, 'none')} ENOENT`,
    );
  });

  it('obtaining - the release is downloaded, checked, and found again the next time', async () => {
    const [directory, cache] = [await folder(), await folder()];
    const { bytes, sha256 } = await archiveOfProgram(directory);
    const url = `${await serve(bytes)}/release.tar.gz`;
    const said: string[] = [];
    const options = {
      cacheDirectory: cache,
      directories: [],
      aptGet: undefined,
      release: { url, sha256 },
      say: (line: string) => said.push(line),
    };
    const expected = { path: join(cache, 'nats-server'), version: '2.15.0' };
    expect(await obtainNatsServer(options)).toEqual(expected);
    expect(said).toEqual([
      `no nats-server is installed: getting one from ${url}`,
      `nats-server 2.15.0 is now in ${cache}`,
    ]);
    expect(await obtainNatsServer(options)).toEqual(expected);
    expect(said).toHaveLength(2);
  });

  it('obtaining - a release with another checksum is not used, and apt-get that fails is told', async () => {
    const [directory, cache] = [await folder(), await folder()];
    const { bytes, sha256 } = await archiveOfProgram(directory);
    const url = `${await serve(bytes)}/release.tar.gz`;
    const wrong = '0'.repeat(64);
    const apt = join(directory, 'apt-get');
    await writeFile(apt, '#!/bin/sh\necho "E: Unable to locate package nats-server" >&2\nexit 100\n');
    await chmod(apt, 0o755);
    const obtaining = obtainNatsServer({
      cacheDirectory: cache,
      directories: [],
      aptGet: apt,
      release: { url, sha256: wrong },
    });
    await expect(obtaining).rejects.toThrow(
      `from ${url}: its SHA-256 is ${sha256} instead of ${wrong}: not used`,
    );
    if (process.platform === 'linux') {
      await expect(obtaining).rejects.toThrow(
        "from this system's packages (apt-get download): E: Unable to locate package nats-server",
      );
    }
  });

  it('obtaining - where none is to be had the error names every way to get one', async () => {
    const cache = await folder();
    const obtaining = obtainNatsServer({
      cacheDirectory: cache,
      directories: [],
      aptGet: undefined,
      release: { url: 'http://127.0.0.1:1/release.tar.gz', sha256: '0'.repeat(64) },
    });
    await expect(obtaining).rejects.toThrow(EnvironmentError);
    await expect(obtaining).rejects.toThrow(
      [
        'no nats-server 2.9 or later is installed, and none could be obtained:',
        "  from http://127.0.0.1:1/release.tar.gz: it can't be downloaded: bad port",
        'Any one of these helps:',
        '  install it (apt install nats-server; brew install nats-server; winget install NATSAuthors.NATSServer)',
        '  --nats-server PATH   to use a program that lies elsewhere',
        '  --nats URL           to use a nats-server that runs already, with JetStream (nats-server -js)',
      ].join('\n'),
    );
  });
});
