-- AlterTable
ALTER TABLE "sweep" ADD COLUMN "amendments" TEXT;
