-- AlterTable
ALTER TABLE "sweep_tally" ADD COLUMN     "epoch" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "leader" TEXT,
ADD COLUMN     "leader_seen_at" BIGINT;
