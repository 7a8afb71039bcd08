import { message } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";

/** What MLflow's client asks before its first download: the ways of transfer that it must not try. */
export const serverRoutes: readonly MlflowRoute[] = [
  call(
    { method: "GET", path: "/mlflow/server-info", version: "3.0", scope: "read" },
    message({}),
    async (_request, { artifacts: { isProxy, direct } }) => ({
      store_type: "SqlStore",
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: isProxy && direct !== undefined,
      multipart_downloads_enabled: isProxy && direct !== undefined,
      presigned_upload_run_id_supported: false,
      presigned_upload_model_id_supported: false,
      features_enabled: { gateway: false },
    }),
  ),
];
