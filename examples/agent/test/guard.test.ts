import { expect, test } from "vitest";
import { assertReadOnly } from "../src/guard.js";

test("a delete is refused", () => {
  expect(() => assertReadOnly("DELETE FROM donors")).toThrow();
});
