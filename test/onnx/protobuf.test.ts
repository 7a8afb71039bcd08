import { expect, test } from "vitest";
import {
  bytesField,
  floatField,
  intField,
  intsField,
  littleEndian,
  message,
  textField,
} from "../../src/onnx/protobuf.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("fields are written as the encoding guide shows them", () => {
  // examples of https://protobuf.dev/programming-guides/encoding
  expect(hex(intField(1, 150))).toBe("089601");
  expect(hex(textField(2, "testing"))).toBe("120774657374696e67");
  expect(hex(bytesField(3, intField(1, 150)))).toBe("1a03089601");
  expect(hex(intsField(6, [3, 270, 86942]))).toBe("3206038e029ea705");
  expect(hex(intField(1, -2))).toBe("08feffffffffffffffff01");
});

test("field numbers above 15 and values above 32 bits keep their size", () => {
  expect(hex(intField(20, 7))).toBe("a00107");
  expect(hex(intField(1, 2 ** 40))).toBe("08808080808020");
});

test("numbers are little endian", () => {
  expect(hex(floatField(2, 1.5))).toBe("150000c03f");
  expect(hex(littleEndian(Float64Array.of(1)))).toBe("000000000000f03f");
  expect(hex(littleEndian(BigInt64Array.of(-1n, 1n)))).toBe("ffffffffffffffff0100000000000000");
  expect(hex(message())).toBe("");
});
