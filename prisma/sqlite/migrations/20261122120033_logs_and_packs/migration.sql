-- AlterTable
ALTER TABLE "attempt" ADD COLUMN "pack" TEXT;

-- CreateTable
CREATE TABLE "log" (
    "sweep_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "lines" TEXT NOT NULL,
    "logged_at" BIGINT NOT NULL,

    PRIMARY KEY ("sweep_id", "number", "attempt", "sequence")
);
