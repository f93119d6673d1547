import { z } from "zod";

/** Refuses statements that could change the database. PLANTED FAULT: nobody calls it. */
export function assertReadOnly(sql: string): void {
  if (!/^\s*select\b/i.test(sql)) {
    throw new Error("only SELECT is allowed");
  }
}

export const Recipient = z.string().email();
