-- AlterTable
ALTER TABLE "sweep_tally" ADD COLUMN "epoch" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "sweep_tally" ADD COLUMN "leader" TEXT;
ALTER TABLE "sweep_tally" ADD COLUMN "leader_seen_at" BIGINT;
