-- CreateTable
CREATE TABLE "sweep" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "created_at" BIGINT NOT NULL,
    "finished_at" BIGINT
);

-- CreateTable
CREATE TABLE "sweep_tally" (
    "sweep_id" TEXT NOT NULL PRIMARY KEY,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "decision" INTEGER NOT NULL DEFAULT 0,
    "seconds" REAL NOT NULL DEFAULT 0,
    "slot_seconds" REAL NOT NULL DEFAULT 0,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "running" INTEGER NOT NULL DEFAULT 0,
    "paused" INTEGER NOT NULL DEFAULT 0,
    "completed" INTEGER NOT NULL DEFAULT 0,
    "pruned" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "sweep_tally_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "trial" (
    "sweep_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "configuration" INTEGER NOT NULL,
    "replicate" INTEGER NOT NULL,
    "seed" BIGINT NOT NULL,
    "parameters" TEXT NOT NULL,
    "origin" TEXT,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "sequence" INTEGER NOT NULL DEFAULT 0,
    "metrics" TEXT NOT NULL DEFAULT '{}',
    "last_step" REAL,
    "details" TEXT,
    "failure_class" TEXT,
    "failure_message" TEXT,
    "reason" TEXT,
    "worker_id" TEXT,
    "created_at" BIGINT NOT NULL,
    "started_at" BIGINT,
    "finished_at" BIGINT,
    "revision" INTEGER NOT NULL,
    "objective1" REAL,
    "objective2" REAL,
    "objective3" REAL,
    "objective4" REAL,

    PRIMARY KEY ("sweep_id", "number"),
    CONSTRAINT "trial_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable (by hand: WITHOUT ROWID here and for reports, which keeps the key once instead of twice)
CREATE TABLE "attempt" (
    "sweep_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "worker_id" TEXT NOT NULL,
    "started_at" BIGINT NOT NULL,
    "finished_at" BIGINT,
    "outcome" TEXT,
    "failure_class" TEXT,
    "failure_message" TEXT,

    PRIMARY KEY ("sweep_id", "number", "attempt")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "report" (
    "sweep_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "step" REAL NOT NULL,
    "metrics" TEXT NOT NULL,
    "reported_at" BIGINT NOT NULL,

    PRIMARY KEY ("sweep_id", "number", "attempt", "sequence")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "decision" (
    "sweep_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "number" INTEGER,
    "action" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "decided_at" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,

    PRIMARY KEY ("sweep_id", "position"),
    CONSTRAINT "decision_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "worker" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "host" TEXT NOT NULL,
    "pool" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "busy" INTEGER NOT NULL,
    "backend" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "memory_bytes" REAL NOT NULL,
    "started_at" BIGINT NOT NULL,
    "seen_at" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "sweep_name_created_at_idx" ON "sweep"("name", "created_at");

-- CreateIndex
CREATE INDEX "trial_sweep_id_revision_idx" ON "trial"("sweep_id", "revision");

-- CreateIndex
CREATE INDEX "trial_sweep_id_state_number_idx" ON "trial"("sweep_id", "state", "number");

-- CreateIndex
CREATE INDEX "trial_sweep_id_objective1_idx" ON "trial"("sweep_id", "objective1");

-- CreateIndex
CREATE INDEX "trial_sweep_id_objective2_idx" ON "trial"("sweep_id", "objective2");

-- CreateIndex
CREATE INDEX "trial_sweep_id_objective3_idx" ON "trial"("sweep_id", "objective3");

-- CreateIndex
CREATE INDEX "trial_sweep_id_objective4_idx" ON "trial"("sweep_id", "objective4");

-- CreateIndex
CREATE INDEX "decision_sweep_id_number_idx" ON "decision"("sweep_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "decision_sweep_id_digest_key" ON "decision"("sweep_id", "digest");
