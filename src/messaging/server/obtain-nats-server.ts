import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory as defaultCacheDirectory } from '../../support/directories.js';
import { EnvironmentError, messageOf } from '../../support/errors.js';
import { checkProgram, findNatsServer, searchPath, type NatsServerProgram } from './find-nats-server.js';
import { pinnedRelease, type PinnedRelease } from './pinned-release.js';

const run = promisify(execFile);
const downloadPatience = 120_000;

export interface ObtainOptions {
  /** `--nats-server`: this program and no other. */
  readonly explicit?: string;
  /** Where a nats-server that was obtained is kept. @default `nats-server` in the user's cache directory */
  readonly cacheDirectory?: string;
  /** Directories to look in. @default PATH and where packages put daemons */
  readonly directories?: readonly string[];
  /** Debian's tool to fetch a package; `undefined` where it must not be used. @default 'apt-get' */
  readonly aptGet?: string | undefined;
  /** The release to download where nothing else helps; `undefined` where there is none. @default the pinned one */
  readonly release?: PinnedRelease | undefined;
  /** One line about what is done. @default silent */
  readonly say?: (line: string) => void;
}

/**
 * A nats-server to start: the one that was named, else one that is installed, else one that was obtained before, else
 * one is obtained now, without root: from Debian's or Ubuntu's package, or from the official release.
 * @throws EnvironmentError naming every way to get one
 */
export async function obtainNatsServer(options: ObtainOptions = {}): Promise<NatsServerProgram> {
  if (options.explicit !== undefined) return await checkProgram(options.explicit);
  const cache = options.cacheDirectory ?? join(defaultCacheDirectory(), 'nats-server');
  const found = await findNatsServer([...(options.directories ?? searchPath()), cache]);
  if (found) return found;
  const say = options.say ?? (() => undefined);
  const failures: string[] = [];
  for (const [what, obtain] of waysToObtain(options)) {
    say(`no nats-server is installed: getting one ${what}`);
    try {
      const program = await obtainInto(cache, obtain);
      say(`nats-server ${program.version} is now in ${cache}`);
      return program;
    } catch (error) {
      failures.push(`${what}: ${messageOf(error).trim().split('\n').at(-1) ?? ''}`);
    }
  }
  throw new EnvironmentError(
    [
      'no nats-server 2.9 or later is installed, and none could be obtained:',
      ...(failures.length > 0 ? failures : ['there is no release of nats-server for this platform']).map(
        (failure) => `  ${failure}`,
      ),
      'Any one of these helps:',
      '  install it (apt install nats-server; brew install nats-server; winget install NATSAuthors.NATSServer)',
      '  --nats-server PATH   to use a program that lies elsewhere',
      '  --nats URL           to use a nats-server that runs already, with JetStream (nats-server -js)',
    ].join('\n'),
  );
}

type Obtain = (directory: string) => Promise<string>;

function waysToObtain(options: ObtainOptions): [what: string, obtain: Obtain][] {
  const aptGet = 'aptGet' in options ? options.aptGet : 'apt-get';
  const release = 'release' in options ? options.release : pinnedRelease();
  const ways: [string, Obtain][] = [];
  if (process.platform === 'linux' && aptGet !== undefined) {
    ways.push([
      "from this system's packages (apt-get download)",
      (directory) => fromPackage(aptGet, directory),
    ]);
  }
  if (release) {
    ways.push([`from ${release.url}`, (directory) => fromRelease(release, directory)]);
  }
  return ways;
}

/** Works in a directory of its own and moves what is complete into the cache: two may do so at once. */
async function obtainInto(cache: string, obtain: Obtain): Promise<NatsServerProgram> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'obtaining-'));
  try {
    const path = await obtain(directory);
    await chmod(path, 0o755);
    await checkProgram(path);
    const kept = join(cache, 'nats-server');
    await rename(path, kept);
    return await checkProgram(kept);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function fromPackage(aptGet: string, directory: string): Promise<string> {
  const apt = (...words: string[]): Promise<unknown> =>
    run(aptGet, words, { cwd: directory, timeout: downloadPatience });
  try {
    await apt('download', 'nats-server');
  } catch {
    // Images of containers come without package lists: fetch them to a place of our own, which takes no root either.
    const lists = join(directory, 'lists');
    await mkdir(join(lists, 'partial'), { recursive: true });
    const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${directory}`];
    await apt('-qq', ...own, '-o', 'Debug::NoLocking=1', 'update');
    await apt(...own, 'download', 'nats-server');
  }
  const [archive] = (await readdir(directory)).filter((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new EnvironmentError(`${aptGet} wrote no package`);
  await run('dpkg', ['-x', join(directory, archive), directory], { timeout: downloadPatience });
  return await programBelow(directory);
}

async function fromRelease(release: PinnedRelease, directory: string): Promise<string> {
  const response = await fetch(release.url, { signal: AbortSignal.timeout(downloadPatience) }).catch(
    (error: unknown) => {
      throw new EnvironmentError(`it can't be downloaded: ${causeOf(error)}`, { cause: error });
    },
  );
  if (!response.ok) throw new EnvironmentError(`it can't be downloaded: HTTP ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== release.sha256) {
    throw new EnvironmentError(`its SHA-256 is ${sum} instead of ${release.sha256}: not used`);
  }
  const archive = join(directory, 'release.tar.gz');
  await writeFile(archive, bytes);
  await run('tar', ['-xzf', archive, '-C', directory], { timeout: downloadPatience });
  return await programBelow(directory);
}

async function programBelow(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const program = entries.find((entry) => entry.isFile() && entry.name === 'nats-server');
  if (!program) throw new EnvironmentError('the archive holds no nats-server');
  return join(program.parentPath, program.name);
}

/** `fetch` says "fetch failed" and keeps the reason to itself. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message !== '' ? cause.message : messageOf(error);
}
