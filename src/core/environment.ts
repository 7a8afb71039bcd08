/** Environment variables as the edge handed them over. Only `cli/` reads them from the process. */
export type Environment = Readonly<Record<string, string | undefined>>;
