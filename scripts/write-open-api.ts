// Writes docs/openapi.json from the routes of our own API.
import { writeFileSync } from "node:fs";
import { API_ROUTES } from "../src/server/v1/add-api.ts";
import { toOpenApi } from "../src/server/v1/open-api.ts";

const text = `${JSON.stringify(toOpenApi(API_ROUTES), undefined, 2)}\n`;
writeFileSync(new URL("../docs/openapi.json", import.meta.url), text);
