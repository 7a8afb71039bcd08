import { fetch } from "../../reproduce/remote/transfer.ts";
import { transferCommand } from "../transfer-command.ts";

export const command = transferCommand(
  {
    name: "fetch",
    summary: "Bring into the cache what it lacks of the outs, from the remote",
    examples: [
      "duetmind fetch",
      "duetmind fetch data/raw -r storage",
      "duetmind fetch --run-cache --json",
    ],
    done: "fetched",
  },
  fetch,
);
