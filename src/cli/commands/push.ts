import { push } from "../../reproduce/remote/transfer.ts";
import { transferCommand } from "../transfer-command.ts";

export const command = transferCommand(
  {
    name: "push",
    summary: "Send what the remote lacks of the outs",
    examples: [
      "duetmind push",
      "duetmind push data/raw -r storage",
      "duetmind push --run-cache --json",
    ],
    done: "pushed",
  },
  push,
);
