import type { AddressInfo } from "node:net";
import { testServer } from "../support/server.ts";
import { testTrackingClient } from "./test-tracking-client.ts";

testTrackingClient({
  infinity: Number.POSITIVE_INFINITY,
  async url() {
    const { app } = await testServer();
    await app.listen({ host: "127.0.0.1", port: 0 });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  },
});
