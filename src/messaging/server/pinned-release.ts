import { arch, platform } from 'node:process';

export interface PinnedRelease {
  readonly url: string;
  /** Of the archive, in hexadecimal. */
  readonly sha256: string;
}

const version = '2.15.0';

/**
 * Of the archives of the official release, as its SHA256SUMS has them; those for Linux are the ones that the official
 * image checks (nats-io/nats-docker, 2.15.x/alpine3.22/Dockerfile). Other platforms have their package managers.
 */
const sha256: Readonly<Record<string, string>> = {
  'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
  'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
  'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
  'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
};

/** The release of nats-server that we download for this platform, where there is one. */
export function pinnedRelease(): PinnedRelease | undefined {
  const target = `${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  const sum = sha256[target];
  if (sum === undefined) return undefined;
  const name = `nats-server-v${version}-${target}.tar.gz`;
  return { url: `https://github.com/nats-io/nats-server/releases/download/v${version}/${name}`, sha256: sum };
}
