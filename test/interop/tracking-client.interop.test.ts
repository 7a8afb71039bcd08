import { afterAll } from "vitest";
import { testTrackingClient } from "../client/test-tracking-client.ts";
import { type MlflowServer, startMlflowServer } from "./mlflow-server.ts";

let mlflow: MlflowServer | undefined;
afterAll(() => mlflow?.stop());

// the same session as against our own server
testTrackingClient({
  infinity: Number.MAX_VALUE,
  async url() {
    mlflow = await startMlflowServer();
    return mlflow.url;
  },
});
