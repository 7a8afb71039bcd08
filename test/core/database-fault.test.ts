import { expect, test } from "vitest";
import { fromDatabaseFault } from "../../src/core/database-fault.ts";

const fault = (message: string, code?: string, routine?: string) =>
  fromDatabaseFault(Object.assign(new Error(message), { code, routine }));

test("a server that went away is said as such", () => {
  for (const error of [
    fault("terminating connection due to administrator command", "57P01"),
    fault("Connection terminated unexpectedly"),
  ]) {
    expect(error).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: "database: expected an answer, got none",
    });
  }
});

test("a user without the permission is told whom to be", () => {
  expect(fault("permission denied for schema duetmind", "42501", "aclcheck_error")).toMatchObject({
    code: "DATABASE_UNAVAILABLE",
    message: expect.stringContaining("got: permission denied for schema duetmind"),
    details: { hint: expect.stringContaining("GRANT CREATE ON DATABASE") },
  });
});

test("a role that is not there, as after restoring a dump, or not granted, is named", () => {
  for (const error of [
    fault('permission denied to set role "duetmind_memory"', "42501"),
    fault('invalid value for parameter "role": "duetmind_memory"', "22023"),
    fault('role "duetmind_memory" does not exist', "22023"),
  ]) {
    expect(error).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      details: { hint: expect.stringContaining("GRANT duetmind_memory TO") },
    });
  }
});

test("what is a bug of ours stays one", () => {
  const row = "new row violates row-level security policy";
  expect(fault(row, "42501", "ExecWithCheckOptions")).toBeUndefined();
  expect(fault("syntax error", "42601")).toBeUndefined();
  expect(fromDatabaseFault(undefined)).toBeUndefined();
  expect(fromDatabaseFault("text")).toBeUndefined();
});
