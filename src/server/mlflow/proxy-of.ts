import { DuetMindError } from "../../core/errors.ts";
import type { ArtifactService } from "../../tracking/artifacts.ts";
import type { Services } from "../services.ts";

/** The files that pass through the server, where it lets them. */
export function proxyOf({ artifacts }: Services): ArtifactService {
  if (artifacts.isProxy) return artifacts;
  throw new DuetMindError(
    "STORAGE_UNAVAILABLE",
    "artifact proxy: expected a server that serves artifacts, got one started with --no-serve-artifacts",
  );
}
