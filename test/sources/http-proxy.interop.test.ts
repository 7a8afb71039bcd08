import { describe } from "vitest";
import { startTinyproxy, tinyproxyMissing } from "../interop/tinyproxy.ts";
import { proxyLaws } from "./proxy-laws.ts";

const missing = tinyproxyMissing();

describe.skipIf(missing !== undefined)(
  `tinyproxy${missing === undefined ? "" : `: skipped, ${missing}`}`,
  () => proxyLaws(() => startTinyproxy("user", "s3cret")),
);
