import { poolConsumer } from '../subjects.js';
import { everyPool, workerOf } from './credentials.js';
import type { ServerFiles, ServerRecord } from './server-record.js';

/** The configuration of our own nats-server. */
export function serverConfig(
  files: ServerFiles,
  record: Omit<ServerRecord, 'pid' | 'port'> & { readonly port: number | 'any' },
): string {
  const { host, port, coordinator, workerSecret, pools, certificate } = record;
  const config = {
    host,
    port: port === 'any' ? -1 : port,
    ports_file_dir: files.directory,
    server_name: 'sweepyard',
    max_payload: 1_048_576,
    jetstream: { store_dir: files.store },
    ...(certificate === undefined
      ? {}
      : { tls: { cert_file: files.certificate, key_file: files.key, timeout: 5 } }),
    authorization: {
      users: [
        coordinator,
        ...pools.map((pool) => ({ ...workerOf(pool, workerSecret), permissions: workerPermissions(pool) })),
      ],
    },
  };
  // Its configuration language is a superset of JSON.
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/**
 * A worker may take assignments of its pool, report, claim, announce itself, answer commands and keep checkpoints, and
 * nothing else: no reports of others, no leases, no administration of other streams.
 */
function workerPermissions(pool: string): object {
  const consumer = pool === everyPool ? '>' : poolConsumer(pool);
  const publishes = [
    '$JS.API.INFO',
    `$JS.API.CONSUMER.MSG.NEXT.ASSIGNMENTS.${consumer}`,
    pool === everyPool ? '$JS.ACK.ASSIGNMENTS.>' : `$JS.ACK.ASSIGNMENTS.${consumer}.>`,
    '$KV.fleet.*',
    'report.*.*',
    'claim.*',
    // Checkpoints: reading, writing and replacing objects of the one store.
    '$O.checkpoints.>',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.INFO.OBJ_checkpoints',
    '$JS.API.STREAM.MSG.GET.OBJ_checkpoints',
    '$JS.API.STREAM.PURGE.OBJ_checkpoints',
    '$JS.API.CONSUMER.CREATE.OBJ_checkpoints.>',
    '$JS.API.CONSUMER.CREATE.OBJ_checkpoints',
    '$JS.API.CONSUMER.DELETE.OBJ_checkpoints.>',
    '$JS.FC.OBJ_checkpoints.>',
  ];
  return {
    publish: { allow: publishes },
    subscribe: { allow: ['_INBOX.worker.>', 'command.*'] },
    allow_responses: true,
  };
}
