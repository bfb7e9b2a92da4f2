/**
 * Every name on the bus. Parts of a subject are tokens of [0-9A-Za-z_-] (messages.ts), so none can hold a dot or a
 * wildcard.
 */
export const assignmentsStream = 'ASSIGNMENTS';
export const reportsStream = 'REPORTS';
export const fleetBucket = 'fleet';
export const leaseBucket = 'lease';
export const checkpointsStore = 'checkpoints';

/** The sweep is in the subject so that what a sweep has queued can be withdrawn without touching the others'. */
export function assignmentSubject(pool: string, sweepId: string): string {
  return `assign.${pool}.${sweepId}`;
}

export function poolSubjects(pool: string): string {
  return `assign.${pool}.*`;
}

/** The durable consumer that all workers of a pool pull from. */
export function poolConsumer(pool: string): string {
  return `pool-${pool}`;
}

export function reportSubject(sweepId: string, workerId: string): string {
  return `report.${sweepId}.${workerId}`;
}

export function sweepReports(sweepId: string): string {
  return `report.${sweepId}.*`;
}

/** The sweep of a subject of reports. */
export function sweepOfReports(subject: string): string {
  return subject.split('.')[1] ?? '';
}

/** The durable consumer of whoever coordinates the sweep. */
export function sweepConsumer(sweepId: string): string {
  return `sweep-${sweepId}`;
}

export function claimSubject(sweepId: string): string {
  return `claim.${sweepId}`;
}

export function controlSubject(sweepId: string): string {
  return `control.${sweepId}`;
}

/** For the coordinator that stays. */
export const submitSubject = 'submit';

export function commandSubject(workerId: string): string {
  return `command.${workerId}`;
}

/** What JetStream's key-value buckets are underneath: a stream `KV_<bucket>` with a subject for each key. */
export function bucketStream(bucket: string): string {
  return `KV_${bucket}`;
}

export function keySubject(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`;
}

/** What JetStream's object stores are underneath: a stream `OBJ_<store>` with subjects for chunks and for names. */
export function objectStream(store: string): string {
  return `OBJ_${store}`;
}

/** The data of objects, by an id of each version of them. */
export function objectChunks(store: string, version: string): string {
  return `$O.${store}.C.${version}`;
}

/** What is known of objects, by the base64url of their names (`>`: of all). */
export function objectNames(store: string, encodedName: string): string {
  return `$O.${store}.M.${encodedName}`;
}
